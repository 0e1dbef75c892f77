//! A secret in the three forms that an authenticator takes: typed, opened, photographed.

use muster_api::access::{QrCode, SecondFactorOffer, Secret};
use qrcode::{Color, EcLevel};
use secrecy::ExposeSecret;

use super::totp;

/// What the authenticator shows beside the user's name.
const ISSUER: &str = "Muster";

/// Light units around the code, which cameras need.
const QUIET_ZONE: usize = 4;

/// The forms of a secret; `None` where the name is too long for a code.
pub(crate) fn of(secret: &totp::Secret, name: &str) -> Option<SecondFactorOffer> {
    let uri = uri(secret, name);
    let qr = qr(&uri)?;
    Some(SecondFactorOffer { secret: Secret(secret.as_text().expose_secret().to_owned()), uri: Secret(uri), qr })
}

fn uri(secret: &totp::Secret, name: &str) -> String {
    // A path takes %20 where a form takes +.
    let name = form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    let secret = secret.as_text().expose_secret();
    format!("otpauth://totp/{ISSUER}:{name}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits=6&period=30")
}

/// One square of the path for each run of dark units of a row.
fn qr(text: &str) -> Option<QrCode> {
    let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, other| one == other) {
            if run[0] == Color::Dark {
                let (left, top, length) = (x + QUIET_ZONE, y + QUIET_ZONE, run.len());
                path += &format!("M{left} {top}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    Some(QrCode { size: u32::try_from(width + 2 * QUIET_ZONE).ok()?, path: Secret(path) })
}

#[cfg(test)]
mod tests {
    use muster_runtime::Entropy;

    use super::*;

    #[test]
    fn an_offer_can_be_typed_opened_and_photographed() {
        let secret = totp::Secret::generate(&Entropy::seeded(1));
        let offer = of(&secret, "Ada Lovelace & co").unwrap();
        let typed = &offer.secret.0;
        assert_eq!(
            offer.uri.0,
            format!(
                "otpauth://totp/Muster:Ada%20Lovelace%20%26%20co?secret={typed}&issuer=Muster&algorithm=SHA1&digits=6&period=30"
            )
        );
        assert!(offer.qr.size > 40 && offer.qr.path.0.starts_with("M4 4h7v1h-7z"), "the corner of every code");
    }
}
