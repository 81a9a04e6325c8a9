package provider

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/mde-as-code/terraform-provider-mde/internal/auth"
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// echo is the worst of all services: it answers everything with what it was
// sent, header and body, in the shape of whatever error there is.
type echo struct {
	status int
	shape  string
}

// RoundTrip implements http.RoundTripper.
func (e echo) RoundTrip(req *http.Request) (*http.Response, error) {
	sent := req.URL.String() + " " + fmt.Sprint(req.Header)
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		sent += string(body)
	}
	answer := strings.ReplaceAll(e.shape, "ECHO", strings.Trim(strconv.QuoteToGraphic(sent), `"`))
	status := e.status
	if strings.HasSuffix(req.URL.Path, "openid-configuration") {
		base := "https://authority.example/5ca1ab1e-0000-4000-8000-7e4a470e4a47"
		status, answer = http.StatusOK, fmt.Sprintf(`{"issuer": "%s/v2.0", "authorization_endpoint": "%s/a", "token_endpoint": "%s/t"}`, base, base, base)
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {"0"}}, Body: io.NopCloser(strings.NewReader(answer)), Request: req}, nil
}

// FuzzSecrets sends a secret down every path on which it can fail, and looks
// for it in errors, in what fmt prints, and in the log.
func FuzzSecrets(f *testing.F) {
	f.Add("Q~plain", 401, `{"error": "invalid_client", "error_description": "AADSTS7000215: ECHO", "message": "ECHO"}`)
	f.Add("Q~with/slash+plus=", 400, `{"error": {"code": "BadRequest", "message": "ECHO"}}`)
	f.Add("Q~with space", 200, `ECHO`)
	f.Add("Q~", 200, `<html>ECHO</html>`)
	f.Add("Q~%41", 302, `{"value": ""}`)
	f.Add("Q~long", 403, `{"message": "`+strings.Repeat("x", 380)+` ECHO", "error_description": "`+strings.Repeat("x", 380)+`ECHO"}`)
	f.Add("Q~json", 200, `{"access_token": ECHO`)
	f.Add("Q~code", 403, `{"error": {"code": "ECHO"}}`)
	f.Add("Q~target", 404, `{"error": {"code": "c", "target": "ECHO"}}`)
	f.Add("Q~trace", 401, `{"error_description": "AADSTS1: x", "trace_id": "ECHO"}`)
	f.Fuzz(func(t *testing.T, text string, status int, shape string) {
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\r\n\"\\") || status < 200 || status > 599 || status == 429 || status >= 500 {
			t.Skip("no secret that a header can hold, or a status that is waited for")
		}
		secret := "s3cr3t~" + strings.TrimSpace(text)
		if strings.Contains(shape, secret) {
			t.Skip("the answer knows the secret already")
		}
		for name, variables := range leaks(t, secret) {
			var log bytes.Buffer
			ctx := tflogtest.RootLogger(t.Context(), &log)
			c, secrets := resolved(t, block(t, nil), variables).signIn(), &mask{}
			c.Base, c.Logger, c.Learn, c.Mask = echo{status, shape}, newLogger(secrets), secrets.learn, secrets.text
			source, err := auth.New(ctx, c)
			if err == nil {
				client, e := mde.New(mde.Options{Endpoint: "https://api.example", Tokens: source, Base: c.Base, Logger: c.Logger, Mask: secrets.text})
				if e != nil {
					t.Fatal(e)
				}
				_, err = client.Machines.Get(ctx, "a")
			}
			said := fmt.Sprintf("%v %+v %#v %v", err, err, c, source) + log.String()
			for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
				if strings.Contains(said, form) {
					t.Errorf("%s: the secret %q shows in %s", name, secret, said)
				}
			}
		}
	})
}

// leaks are environments in which the secret is one of each kind.
func leaks(t *testing.T, secret string) map[string]map[string]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]map[string]string{
		"client secret":         {"MDE_CLIENT_SECRET": secret},
		"secret of a file":      {"MDE_CLIENT_SECRET_FILE_PATH": file},
		"certificate":           {"MDE_CLIENT_CERTIFICATE": secret},
		"certificate in base64": {"MDE_CLIENT_CERTIFICATE": base64.StdEncoding.EncodeToString([]byte(secret))},
		"password":              {"MDE_CLIENT_CERTIFICATE_PATH": file, "MDE_CLIENT_CERTIFICATE_PASSWORD": secret},
		"assertion":             {"MDE_OIDC_TOKEN": secret},
		"assertion of a file":   {"MDE_OIDC_TOKEN_FILE_PATH": file},
		"token of a job":        {"MDE_OIDC_REQUEST_URL": "https://ci.example/token", "MDE_OIDC_REQUEST_TOKEN": secret},
		"token of an ADO job":   {"MDE_OIDC_REQUEST_URL": "https://ci.example/token", "MDE_OIDC_REQUEST_TOKEN": secret, "MDE_ADO_PIPELINE_SERVICE_CONNECTION_ID": "a"},
		"access token":          {"MDE_ACCESS_TOKEN": secret},
	}
	for _, variables := range kinds {
		variables["MDE_TENANT_ID"], variables["MDE_CLIENT_ID"] = "5ca1ab1e-0000-4000-8000-7e4a470e4a47", "c11e47ed-0000-4000-8000-ab1ec0ffee00"
		variables["MDE_AUTHORITY_HOST"] = "https://authority.example"
	}
	return kinds
}
