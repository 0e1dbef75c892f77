//! Whether a container was made from an application image. Once known it stays so: a configuration that could not
//! be read says nothing.

use smol_str::SmolStr;

/// The technology of a container of the system.
const SYSTEM: SmolStr = SmolStr::new_static("lxc");
/// The technology of a container of an application image.
const IMAGE: SmolStr = SmolStr::new_static("oci");

/// Keys that only such a container has.
const MARKS: &[&str] = &["entrypoint", "env"];

/// Whether a configuration is that of an application image. `get` gives the value of a key.
pub(crate) fn is_image<'a>(get: impl Fn(&str) -> Option<&'a str>, host_managed: bool) -> bool {
    host_managed || MARKS.iter().any(|mark| get(mark).is_some_and(|value| !value.trim().is_empty()))
}

/// The technology to show: what the configuration says now, unless it was known to be an image before.
pub(crate) fn technology(known_image: bool, reads_as_image: Option<bool>) -> SmolStr {
    if known_image || reads_as_image == Some(true) { IMAGE } else { SYSTEM }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_of_an_image_stays_one() {
        //
        assert_eq!(technology(false, Some(true)), "oci");
        assert_eq!(technology(true, None), "oci");
        assert_eq!(technology(true, Some(false)), "oci");
        assert_eq!(technology(false, None), "lxc");
        assert_eq!(technology(false, Some(false)), "lxc");
    }

    #[test]
    fn marks_tell_an_image() {
        //
        let with = |key: &'static str, value: &'static str| move |asked: &str| (asked == key).then_some(value);
        assert!(is_image(with("entrypoint", "/bin/app"), false));
        assert!(is_image(with("hostname", "a"), true));
        assert!(!is_image(with("entrypoint", " "), false));
        assert!(!is_image(with("hostname", "a"), false));
    }
}
