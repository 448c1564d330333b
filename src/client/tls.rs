//! TLS settings: which authorities to trust, and the name of an authority that is not trusted.
//!
//! TLS 1.2 or newer, by rustls with ring. Verification cannot be switched off.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme,
};
use rustls_platform_verifier::Verifier;
use x509_cert::der::{Decode as _, Encode as _};

/// Certificates of authorities that are trusted in place of the system's.
#[derive(Clone, Debug)]
pub struct Authorities(Arc<RootCertStore>);

/// Why a file of certificates cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthoritiesError {
    /// No PEM block of a certificate.
    #[error("it holds no PEM certificate (-----BEGIN CERTIFICATE-----)")]
    None,
    /// A PEM block that is broken, or holds no certificate.
    #[error("it holds a certificate that cannot be read")]
    Unreadable,
}

impl Authorities {
    /// Reads one or more certificates in PEM.
    ///
    /// # Errors
    /// When there is none, or one cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, AuthoritiesError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| AuthoritiesError::Unreadable)?;
            roots.add(certificate).map_err(|_| AuthoritiesError::Unreadable)?;
        }
        Self::unless_empty(roots)
    }

    /// Reads the bundle of a system, in PEM. Certificates that cannot be read are left out.
    ///
    /// # Errors
    /// When there is none, or none can be read.
    pub fn from_bundle(pem: &[u8]) -> Result<Self, AuthoritiesError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(pem).flatten());
        if roots.is_empty() && CertificateDer::pem_slice_iter(pem).next().is_some() {
            return Err(AuthoritiesError::Unreadable);
        }
        Self::unless_empty(roots)
    }

    fn unless_empty(roots: RootCertStore) -> Result<Self, AuthoritiesError> {
        if roots.is_empty() { Err(AuthoritiesError::None) } else { Ok(Self(Arc::new(roots))) }
    }
}

/// Whose certificates to accept.
pub(super) enum Trust<'a> {
    /// None: the endpoint is reached over plain http, so nothing is loaded.
    None,
    /// These authorities alone.
    Only(&'a Authorities),
    /// The system's.
    System,
}

/// Records the last handshake, whether it succeeded or not.
#[derive(Clone, Debug, Default)]
pub(super) struct HandshakeRecorder(Arc<Mutex<RecordedHandshake>>);

/// What is known about a handshake.
#[derive(Clone, Debug, Default)]
pub(super) struct RecordedHandshake {
    /// The server's own certificate.
    pub(super) certificate: Option<CertificateDer<'static>>,
    /// The protocol version, once the server has sent the signature that proves that the certificate
    /// is its own.
    pub(super) version: Option<&'static str>,
}

impl HandshakeRecorder {
    /// What is known so far.
    pub(super) fn recorded(&self) -> RecordedHandshake {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn record(&self, change: impl FnOnce(&mut RecordedHandshake)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The TLS settings for a client; `recorder` records its handshakes.
pub(super) fn config(
    trust: &Trust<'_>,
    recorder: HandshakeRecorder,
) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?;
    let mut config = match verifier(trust, provider)? {
        Some(inner) => builder
            // The name in rustls of any custom verifier; this one adds a name to an error.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(NamingVerifier { inner, recorder }))
            .with_no_client_auth(),
        None => builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The TLS settings for a connection to a database: the same, for another protocol (ALPN).
#[cfg(feature = "archive-postgres")]
pub(crate) fn config_of_database(
    authorities: Option<&Authorities>,
    protocol: &[u8],
) -> Result<ClientConfig, rustls::Error> {
    let trust = authorities.map_or(Trust::System, Trust::Only);
    let mut config = config(&trust, HandshakeRecorder::default())?;
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(config)
}

fn verifier(
    trust: &Trust<'_>,
    provider: Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ServerCertVerifier>>, rustls::Error> {
    Ok(match trust {
        Trust::None => None,
        Trust::Only(Authorities(roots)) => Some(
            WebPkiServerVerifier::builder_with_provider(roots.clone(), provider)
                .build()
                .map_err(|error| rustls::Error::General(error.to_string()))?,
        ),
        Trust::System => Some(Arc::new(Verifier::new(provider)?)),
    })
}

/// An authority that is not trusted, with the name in the certificate.
#[derive(Debug)]
pub(super) struct UnknownAuthority {
    /// The distinguished name of the issuer as in RFC 4514. It is untrusted text.
    pub(super) issuer: String,
    /// Whether the issuer of the certificate is its own subject.
    pub(super) self_signed: bool,
}

impl fmt::Display for UnknownAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the certificate's issuer is not trusted")
    }
}

impl std::error::Error for UnknownAuthority {}

/// Verifies as its inner verifier does, adds the name of an unknown issuer to the error, and records
/// the certificate and the protocol version.
#[derive(Debug)]
struct NamingVerifier {
    inner: Arc<dyn ServerCertVerifier>,
    recorder: HandshakeRecorder,
}

impl ServerCertVerifier for NamingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.recorder.record(|seen| seen.certificate = Some(end_entity.clone().into_owned()));
        self.inner
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .map_err(|error| match error {
                // A bad signature: the issuer has the name of a trusted authority and another key.
                rustls::Error::InvalidCertificate(
                    CertificateError::UnknownIssuer | CertificateError::BadSignature,
                ) => {
                    // The missing authority is the issuer of the last certificate that was sent.
                    let top = intermediates.last().unwrap_or(end_entity);
                    named(top).or_else(|| named(end_entity)).unwrap_or(error)
                }
                error => error,
            })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.recorder.record(|seen| seen.version = Some("TLS 1.2"));
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.recorder.record(|seen| seen.version = Some("TLS 1.3"));
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// The error that names the issuer of a certificate; `None` when the certificate cannot be read.
fn named(certificate: &CertificateDer<'_>) -> Option<rustls::Error> {
    let parsed = x509_cert::Certificate::from_der(certificate).ok()?;
    let certificate = parsed.tbs_certificate();
    let self_signed = certificate.issuer().to_der().ok()? == certificate.subject().to_der().ok()?;
    let unknown = UnknownAuthority { issuer: certificate.issuer().to_string(), self_signed };
    Some(rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(unknown)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(host: &str) -> String {
        rcgen::generate_simple_self_signed([host.to_owned()]).unwrap().cert.pem()
    }

    #[test]
    fn a_file_may_hold_several_authorities_and_other_text() {
        let file = format!("an explanation\n{}\n{}", pem("a.example"), pem("b.example"));
        assert_eq!(Authorities::from_pem(file.as_bytes()).unwrap().0.len(), 2);
    }

    #[test]
    fn certificates_of_a_bundle_that_cannot_be_read_are_left_out() {
        let block = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let file = format!("{block}{}{block}", pem("a.example"));
        assert_eq!(Authorities::from_bundle(file.as_bytes()).unwrap().0.len(), 1);
        let cut = &pem("a.example")[..300];
        for (file, expected) in [
            ("", AuthoritiesError::None),
            ("{}", AuthoritiesError::None),
            (block, AuthoritiesError::Unreadable),
            (cut, AuthoritiesError::Unreadable),
        ] {
            assert_eq!(Authorities::from_bundle(file.as_bytes()).unwrap_err(), expected, "{file}");
        }
    }

    #[test]
    fn a_file_without_a_readable_certificate_is_refused() {
        use AuthoritiesError::{None, Unreadable};
        let block = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let cut = pem("a.example").replace("-----END CERTIFICATE-----", "");
        for (file, expected) in [
            ("", None),
            ("{}", None),
            ("\u{0}\u{ff}", None),
            (block, Unreadable),
            (&cut, Unreadable),
        ] {
            assert_eq!(Authorities::from_pem(file.as_bytes()).unwrap_err(), expected, "{file}");
        }
    }
}
