"""sign.py IN OUT MIME ROOT.pem: a copy of IN with Content Credentials, signed by a leaf whose root is written to ROOT.pem. Needs c2pa-python."""
import datetime
import sys

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

src, dst, mime, root_pem = sys.argv[1:5]
now = datetime.datetime.now(datetime.timezone.utc)
root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def name(common):
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "XX"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test"), x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certificate(common, key, ca):
    b = x509.CertificateBuilder().subject_name(name(common)).issuer_name(name("avalign test root")).public_key(key.public_key()).serial_number(x509.random_serial_number())
    b = b.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30))
    b = b.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    b = b.add_extension(x509.KeyUsage(digital_signature=not ca, content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
                                      key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False), critical=True)
    b = b.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    b = b.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
    if not ca:
        b = b.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return b.sign(root_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


root, leaf = certificate("avalign test root", root_key, True), certificate("avalign test camera", leaf_key, False)
open(root_pem, "wb").write(root)
key = leaf_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
made = {"action": "c2pa.created", "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"}
builder = c2pa.Builder({"claim_generator_info": [{"name": "Maker", "version": "1"}], "title": "clip", "format": mime,
                        "assertions": [{"label": "c2pa.actions", "data": {"actions": [made]}}]})
signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", leaf + root, key, None))
with open(src, "rb") as i, open(dst, "w+b") as o:
    builder.sign(signer, mime, i, o)
