//! The one provider of cryptography for TLS.

/// Makes aws-lc-rs the provider of every TLS connection of this process. Calling it again changes nothing.
pub fn install() {
    // An error only says that a provider is there already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installing_twice_is_harmless() {
        install();
        install();
        assert!(rustls::crypto::CryptoProvider::get_default().is_some());
    }
}
