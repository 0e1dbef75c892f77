//! A whole list, page by page.

use muster_api::Page;

use crate::ClientError;

/// Asks for page after page, each with the token that the one before gave.
pub(crate) async fn every_page<T, F>(mut ask: impl FnMut(Option<String>) -> F) -> Result<Vec<T>, ClientError>
where
    F: Future<Output = Result<Page<T>, ClientError>>,
{
    let (mut all, mut page_token) = (Vec::new(), None);
    loop {
        let page = ask(page_token).await?;
        all.extend(page.items);
        let Some(next) = page.next_page_token else { return Ok(all) };
        page_token = Some(next.0);
    }
}
