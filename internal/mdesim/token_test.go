package mdesim

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const scope0 = "https://api.securitycenter.microsoft.com/.default"

// secretForm is a good request with some fields changed.
func secretForm(changes map[string]string) url.Values {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {DefaultClientID}, "client_secret": {DefaultClientSecret}, "scope": {scope0}}
	for name, value := range changes {
		form.Set(name, value)
	}
	return form
}

// signIn asks for a token and returns it, or the error's description.
func (t *tester) signIn(tenant string, form url.Values) (token, description string) {
	t.Helper()
	bare := *t
	bare.token = ""
	a, err := bare.send("POST", t.AuthorityURL()+"/"+tenant+"/oauth2/v2.0/token", "application/x-www-form-urlencoded", form.Encode())
	if err != nil {
		t.Fatal(err)
	}
	token, _ = a.json["access_token"].(string)
	description, _ = a.json["error_description"].(string)
	return token, description
}

func TestSignIn_secret(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	for name, test := range map[string]struct {
		tenant  string
		changes map[string]string
		want    string
	}{
		"unknown tenant":   {"contoso", nil, "AADSTS90002:"},
		"unknown client":   {DefaultTenantID, map[string]string{"client_id": "x"}, "AADSTS700016:"},
		"bad secret":       {DefaultTenantID, map[string]string{"client_secret": "x"}, "AADSTS7000215:"},
		"no secret":        {DefaultTenantID, map[string]string{"client_secret": ""}, "AADSTS7000218:"},
		"no client":        {DefaultTenantID, map[string]string{"client_id": ""}, "AADSTS900144:"},
		"no default":       {DefaultTenantID, map[string]string{"scope": "https://api.securitycenter.microsoft.com/Machine.Read"}, "AADSTS1002012:"},
		"unknown resource": {DefaultTenantID, map[string]string{"scope": "https://other.example/.default"}, "AADSTS500011:"},
		"other grant":      {DefaultTenantID, map[string]string{"grant_type": "password"}, "AADSTS70003:"},
	} {
		if _, got := s.signIn(test.tenant, secretForm(test.changes)); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %q, want %s", name, got, test.want)
		}
	}
	token, description := s.signIn(strings.ToUpper(DefaultTenantID), secretForm(map[string]string{"scope": scope0 + " openid offline_access profile"}))
	if token == "" {
		t.Fatal(description)
	}
	s.token = token
	s.call(200, "GET", "/api/indicators", "")
	s.Advance(time.Hour + time.Second)
	s.refused(401, "Unauthorized", "GET", "/api/indicators", "")
	for _, call := range s.Journal() {
		if call.Op == OpToken && (strings.Contains(string(call.Body), DefaultClientSecret) || !strings.Contains(string(call.Body), `"credential"`)) {
			t.Errorf("journal: %s", call.Body)
		}
	}
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit   func(*Claims)
		status int
		code   string
	}{
		"good":          {func(*Claims) {}, 200, ""},
		"delegated":     {func(c *Claims) { c.Roles, c.Scopes = nil, "openid Ti.ReadWrite" }, 200, ""},
		"expired":       {func(c *Claims) { c.Expires = 1 }, 401, "Unauthorized"},
		"for another":   {func(c *Claims) { c.Audience = "https://graph.microsoft.com" }, 401, "Unauthorized"},
		"lacks a role":  {func(c *Claims) { c.Roles = []string{"Library.Manage"} }, 403, "Forbidden"},
		"lacks any":     {func(c *Claims) { c.Roles = nil }, 403, "Forbidden"},
		"government":    {func(c *Claims) { c.Audience = "https://api-gov.securitycenter.microsoft.us" }, 200, ""},
		"with a slash":  {func(c *Claims) { c.Audience += "/" }, 200, ""},
		"other version": {func(c *Claims) { c.Version = "2.0" }, 200, ""},
	} {
		for _, opaque := range []bool{false, true} {
			s := newTester(t, Options{OpaqueToken: opaque})
			s.token = s.MintToken(test.edit)
			if got := s.call(test.status, "GET", "/api/indicators", "").code(); got != test.code {
				t.Errorf("%s: %q, want %q", name, got, test.code)
			}
			if got := strings.Count(s.token, "."); opaque != (got == 0) {
				t.Errorf("opaque %v, and %d dots in the token", opaque, got)
			}
		}
	}
	s := newTester(t, Options{})
	for _, token := range []string{"", "x", "a.b.c", s.token + "x", strings.Replace(s.token, ".", ".e", 1)} {
		s.token = token
		s.refused(401, "Unauthorized", "GET", "/api/indicators", "")
	}
}

func TestAuthorize_otherTenantsToken(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	s.token = newTester(t, Options{TenantID: newGUID()}).token
	s.refused(401, "Unauthorized", "GET", "/api/indicators", "")
}

// signer makes client assertions.
type signer struct {
	key         *rsa.PrivateKey
	certificate *x509.Certificate
}

func newSigner(t *testing.T, notAfter time.Time) signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := certificate("app", 3)
	template.NotAfter = notAfter
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return signer{key: key, certificate: parsed}
}

func (s signer) sign(t *testing.T, claims map[string]any) string {
	t.Helper()
	thumbprint := sha256.Sum256(s.certificate.Raw)
	signed := encode(map[string]string{"alg": "PS256", "x5t#S256": base64.RawURLEncoding.EncodeToString(thumbprint[:])}) + "." + encode(claims)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPSS(rand.Reader, s.key, crypto.SHA256, digest[:], nil)
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestSignIn_assertions(t *testing.T) {
	t.Parallel()
	registered := newSigner(t, time.Now().Add(time.Hour))
	expired := newSigner(t, time.Now().Add(-time.Hour))
	foreign := newSigner(t, time.Now().Add(time.Hour))
	forged := signer{key: foreign.key, certificate: registered.certificate}
	s := newTester(t, Options{
		Certificates: []*x509.Certificate{registered.certificate, expired.certificate},
		Federated:    []FederatedCredential{{Issuer: "https://token.actions.githubusercontent.com", Subject: "repo:contoso/mde:ref:refs/heads/main"}},
	})
	endpoint := s.AuthorityURL() + "/" + DefaultTenantID + "/oauth2/v2.0/token"
	soon := time.Now().Add(time.Minute).Unix()
	own := map[string]any{"iss": DefaultClientID, "sub": DefaultClientID, "aud": endpoint, "exp": soon}
	github := func(subject, audience string) map[string]any {
		return map[string]any{"iss": "https://token.actions.githubusercontent.com", "sub": subject, "aud": []string{audience}, "exp": soon}
	}
	for name, test := range map[string]struct{ assertion, want string }{
		"certificate":         {registered.sign(t, own), ""},
		"expired certificate": {expired.sign(t, own), "AADSTS700027:"},
		"unknown certificate": {foreign.sign(t, own), "AADSTS700027:"},
		"forged signature":    {forged.sign(t, own), "AADSTS700027:"},
		"wrong audience":      {registered.sign(t, map[string]any{"iss": DefaultClientID, "sub": DefaultClientID, "aud": "https://x", "exp": soon}), "AADSTS700023:"},
		"expired assertion":   {registered.sign(t, map[string]any{"iss": DefaultClientID, "sub": DefaultClientID, "aud": endpoint, "exp": 1}), "AADSTS700024:"},
		"no JWT":              {"x", "AADSTS50027:"},
		"federated":           {foreign.sign(t, github("repo:contoso/mde:ref:refs/heads/main", federatedAudience)), ""},
		"other subject":       {foreign.sign(t, github("repo:contoso/other", federatedAudience)), "AADSTS700213:"},
		"other audience":      {foreign.sign(t, github("repo:contoso/mde:ref:refs/heads/main", "x")), "AADSTS700212:"},
	} {
		form := secretForm(map[string]string{"client_assertion": test.assertion, "client_assertion_type": assertionType})
		form.Del("client_secret")
		token, got := s.signIn(DefaultTenantID, form)
		if !strings.HasPrefix(got, test.want) || (token == "") != (test.want != "") {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestStart_authorityIsTrustedThroughItsCA(t *testing.T) {
	t.Parallel()
	first, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	server, err := Start(Options{CA: first.CABundlePEM()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(first.CACertPEM())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		base := strings.Replace(server.AuthorityURL(), "127.0.0.1", host, 1)
		response, err := transport.RoundTrip(mustRequest(t, base+"/"+DefaultTenantID+"/v2.0/.well-known/openid-configuration"))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		var metadata map[string]any
		if err != nil || json.Unmarshal(text, &metadata) != nil || metadata["issuer"] != base+"/"+DefaultTenantID+"/v2.0" {
			t.Errorf("%s: %v", text, err)
		}
	}
}
