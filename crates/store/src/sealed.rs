//! What is sealed with the master key, wherever it stands: so that a start without that key is refused (D-21).

use sea_orm::{DbErr, EntityTrait};
use secrecy::SecretString;

use crate::{
    Store, StoreError,
    entity::{connection, user_totp},
};

impl Store {
    /// Something of any tenant that is sealed with the master key, if anything is (D-21).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sealed_secret_any(&self) -> Result<Option<SecretString>, StoreError> {
        self.sealed_find().await.map_err(StoreError::while_("looking for sealed secrets"))
    }

    async fn sealed_find(&self) -> Result<Option<SecretString>, DbErr> {
        if let Some(factor) = user_totp::Entity::find().one(self.readers()).await? {
            return Ok(Some(factor.sealed_secret.into_secret()));
        }
        let connection = connection::Entity::find().one(self.readers()).await?;
        Ok(connection.map(|row| row.sealed_secret.into_secret()))
    }
}
