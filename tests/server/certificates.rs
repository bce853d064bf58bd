//! Certificates for the TLS tests, made as they are needed.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};

/// A certificate and its key.
pub struct Pair {
    /// The certificate.
    pub certificate: X509,
    /// Its private key.
    pub key: PKey<Private>,
}

/// What a certificate is made out to.
pub struct Subject<'a> {
    /// The common name.
    pub name: &'a str,
    /// The subject alternative name.
    pub alternative: Option<&'a str>,
    /// From when to when, in days from now.
    pub valid: (i64, i64),
    /// 0 is X.509 version 1, 2 is version 3.
    pub version: i32,
}

const DAY: i64 = 86_400;

/// The usual subject: version 3, valid now.
pub fn subject<'a>(name: &'a str, alternative: Option<&'a str>) -> Subject<'a> {
    Subject { name, alternative, valid: (-1, 30), version: 2 }
}

/// A certificate signed by `issuer`, or by itself as an authority.
pub fn certify(subject: &Subject<'_>, issuer: Option<&Pair>) -> Pair {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, subject.name).unwrap();
    let name = name.build();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let day = |days: i64| Asn1Time::from_unix(now.as_secs().cast_signed() + days * DAY).unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_version(subject.version).unwrap();
    let serial = BigNum::from_u32(rand_serial()).unwrap().to_asn1_integer().unwrap();
    builder.set_serial_number(&serial).unwrap();
    builder.set_subject_name(&name).unwrap();
    let issuer_name = issuer.map_or(&*name, |issuer| issuer.certificate.subject_name());
    builder.set_issuer_name(issuer_name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&day(subject.valid.0)).unwrap();
    builder.set_not_after(&day(subject.valid.1)).unwrap();
    if issuer.is_none() {
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    }
    if let Some(alternative) = subject.alternative {
        let mut names = SubjectAlternativeName::new();
        match alternative.parse::<std::net::IpAddr>() {
            Ok(_) => names.ip(alternative),
            Err(_) => names.dns(alternative),
        };
        let names = names.build(&builder.x509v3_context(None, None)).unwrap();
        builder.append_extension(names).unwrap();
    }
    let signer = issuer.map_or(&key, |issuer| &issuer.key);
    builder.sign(signer, MessageDigest::sha256()).unwrap();
    Pair { certificate: builder.build(), key }
}

fn rand_serial() -> u32 {
    let mut bytes = [0; 4];
    openssl::rand::rand_bytes(&mut bytes).unwrap();
    u32::from_be_bytes(bytes) >> 1
}

/// An authority that rests on another.
pub fn certify_authority(name: &str, issuer: &Pair) -> Pair {
    let Pair { key, certificate } = certify(&subject(name, None), None);
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(certificate.serial_number()).unwrap();
    builder.set_subject_name(certificate.subject_name()).unwrap();
    builder.set_issuer_name(issuer.certificate.subject_name()).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(certificate.not_before()).unwrap();
    builder.set_not_after(certificate.not_after()).unwrap();
    builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    builder.sign(&issuer.key, MessageDigest::sha256()).unwrap();
    Pair { certificate: builder.build(), key }
}

/// A client certificate with an RSA key, which is what PKCS#1 is about.
pub fn certify_rsa(name: &str, issuer: &Pair) -> Pair {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let model = certify(&subject(name, None), Some(issuer)).certificate;
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(model.serial_number()).unwrap();
    builder.set_subject_name(model.subject_name()).unwrap();
    builder.set_issuer_name(model.issuer_name()).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(model.not_before()).unwrap();
    builder.set_not_after(model.not_after()).unwrap();
    builder.sign(&issuer.key, MessageDigest::sha256()).unwrap();
    Pair { certificate: builder.build(), key }
}
