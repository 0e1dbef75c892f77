//! Makes sure that the folder of the built web application exists, so that embedding it never fails; when it is empty the
//! server says so on its front page.

use std::{fs, path::Path};

fn main() {
    let dist = Path::new("../../web/dist");
    // Without the folder there is nothing to embed, and the embedding macro says what is wrong.
    let _ = fs::create_dir_all(dist);
    println!("cargo::rerun-if-changed=../../web/dist");
}
