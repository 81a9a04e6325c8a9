package mdesim

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// federatedAudience is whom a federated assertion must be meant for.
const federatedAudience = "api://AzureADTokenExchange"

// assertion is a client assertion, not yet trusted.
type assertion struct {
	header struct {
		Algorithm string `json:"alg"`
		SHA1      string `json:"x5t"`
		SHA256    string `json:"x5t#S256"`
	}
	claims struct {
		Issuer   string   `json:"iss"`
		Subject  string   `json:"sub"`
		Audience audience `json:"aud"`
		Expires  float64  `json:"exp"`
	}
	signed    string
	signature []byte
}

// audience is one text or a list of them.
type audience []string

// UnmarshalJSON takes both forms.
func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

func parseAssertion(token string) (a assertion, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || !decodeSegment(parts[0], &a.header) || !decodeSegment(parts[1], &a.claims) {
		return a, false
	}
	a.signed = parts[0] + "." + parts[1]
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	a.signature = signature
	return a, err == nil
}

// checkAssertion admits an assertion signed with a registered certificate, or
// one of a registered federated credential.
func (s *Server) checkAssertion(token, endpoint string, now time.Time) *entraError {
	a, ok := parseAssertion(token)
	if !ok {
		return entraRefuse("invalid_client", 50027, "JWT token is invalid or malformed.")
	}
	if a.claims.Expires != 0 && float64(now.Unix()) >= a.claims.Expires {
		return entraRefuse("invalid_client", 700024, "Client assertion is not within its valid time range.")
	}
	if a.claims.Issuer == s.options.ClientID {
		return s.checkCertificate(a, endpoint, now)
	}
	if !slices.Contains(a.claims.Audience, federatedAudience) {
		return entraRefuse("invalid_client", 700212, "No matching federated identity record found for presented assertion audience '%s'.", strings.Join(a.claims.Audience, " "))
	}
	if !slices.Contains(s.options.Federated, FederatedCredential{Issuer: a.claims.Issuer, Subject: a.claims.Subject}) {
		return entraRefuse("invalid_client", 700213, "No matching federated identity record found for presented assertion subject '%s'.", a.claims.Subject)
	}
	return nil
}

func (s *Server) checkCertificate(a assertion, endpoint string, now time.Time) *entraError {
	index := slices.IndexFunc(s.options.Certificates, a.names)
	if index < 0 {
		return entraRefuse("invalid_client", 700027, "The certificate with identifier used to sign the client assertion is not registered on application.")
	}
	certificate := s.options.Certificates[index]
	switch {
	case now.After(certificate.NotAfter):
		return entraRefuse("invalid_client", 700027, "Client assertion failed signature validation. The certificate has expired.")
	case !a.signedBy(certificate):
		return entraRefuse("invalid_client", 700027, "Client assertion failed signature validation.")
	case !slices.Contains(a.claims.Audience, endpoint):
		return entraRefuse("invalid_client", 700023, "Client assertion audience claim does not match Realm issuer.")
	case a.claims.Subject != s.options.ClientID:
		return entraRefuse("invalid_client", 700021, "Client assertion application identifier doesn't match 'client_id' parameter.")
	}
	return nil
}

// names tells whether the header's thumbprint is the certificate's.
func (a assertion) names(certificate *x509.Certificate) bool {
	// Clients write thumbprints in either base64 alphabet, padded or not.
	unpadded := strings.NewReplacer("+", "-", "/", "_", "=", "")
	if a.header.SHA256 != "" {
		sum := sha256.Sum256(certificate.Raw)
		return unpadded.Replace(a.header.SHA256) == base64.RawURLEncoding.EncodeToString(sum[:])
	}
	sum := sha1.Sum(certificate.Raw)
	return unpadded.Replace(a.header.SHA1) == base64.RawURLEncoding.EncodeToString(sum[:])
}

func (a assertion) signedBy(certificate *x509.Certificate) bool {
	key, ok := certificate.PublicKey.(*rsa.PublicKey)
	if !ok {
		return false
	}
	sum := sha256.Sum256([]byte(a.signed))
	switch a.header.Algorithm {
	case "RS256":
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], a.signature) == nil
	case "PS256":
		return rsa.VerifyPSS(key, crypto.SHA256, sum[:], a.signature, nil) == nil
	}
	return false
}
