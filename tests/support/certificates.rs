// Valid and invalid certificates, which each test makes for its server. The tests of the client
// include this file too, so it has no inner doc comment.

use std::sync::Arc;

use rcgen::{CertificateParams, CertifiedIssuer, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// A certificate authority, which signs certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// The certificate of the authority.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// TLS settings of a server whose certificate is for this host and valid between these years.
    pub(crate) fn server(&self, host: &str, from: i32, until: i32) -> Arc<ServerConfig> {
        let (certificate, key) = self.certificate(host, from, until);
        server(certificate.der().clone(), &key)
    }

    fn certificate(&self, host: &str, from: i32, until: i32) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap(), key)
    }

    /// A certificate for this host, valid between these years, and its key.
    #[allow(dead_code, reason = "the tests of the client need no files")]
    pub(crate) fn pem_of(&self, host: &str, from: i32, until: i32) -> (String, String) {
        let (certificate, key) = self.certificate(host, from, until);
        (certificate.pem(), key.serialize_pem())
    }
}

/// TLS settings of a server whose certificate is self-signed.
pub(crate) fn self_signed(host: &str) -> Arc<ServerConfig> {
    let own = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
    server(own.cert.der().clone(), &own.signing_key)
}

fn server(certificate: CertificateDer<'static>, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Arc::new(config)
}
