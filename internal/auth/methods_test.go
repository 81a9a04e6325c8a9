package auth_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/auth"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// scope is what tokens for the API are asked for.
const scope = "https://api.securitycenter.microsoft.com/.default"

func fromVariable(name, text, variable string) auth.Setting {
	return auth.Setting{Name: name, Variables: []string{variable}, Text: text, Origin: auth.FromVariable(variable)}
}

// put writes a file, perhaps a program, of the test's own.
func put(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// tokenRequests are the token requests so far, without what is secret.
func tokenRequests(t *testing.T, sim *mdesim.Server) []map[string]string {
	t.Helper()
	var requests []map[string]string
	for _, call := range sim.Journal() {
		if call.Op != mdesim.OpToken {
			continue
		}
		var request map[string]string
		if err := json.Unmarshal(call.Body, &request); err != nil {
			t.Fatal(err)
		}
		requests = append(requests, request)
	}
	return requests
}

// signsInTwice takes a token, has it refused, and takes another. It returns
// the two token requests.
func signsInTwice(t *testing.T, sim *mdesim.Server, c auth.Config) []map[string]string {
	t.Helper()
	source := open(t, c)
	for range 2 {
		token, err := source.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		works(t, sim, token)
		source.Reject(token)
	}
	if _, err := source.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	requests := tokenRequests(t, sim)
	if len(requests) != 2 {
		t.Fatalf("%d token requests, want 2", len(requests))
	}
	return requests
}

func TestFederation_everySignInHasAnAssertionOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		set             func(*auth.Config, *mdesim.Server)
		issuer, subject string
	}{
		"GitHub Actions": {func(c *auth.Config, sim *mdesim.Server) {
			c.OIDCRequestURL = fromVariable("oidc_request_url", sim.GitHubActions().URL, "ACTIONS_ID_TOKEN_REQUEST_URL")
			c.OIDCRequestToken = fromVariable("oidc_request_token", sim.GitHubActions().Secret, "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
		}, mdesim.GitHubIssuer, mdesim.GitHubSubject},
		"Azure DevOps": {func(c *auth.Config, sim *mdesim.Server) {
			c.ADOServiceConnectionID = set("ado_pipeline_service_connection_id", mdesim.ServiceConnection)
			c.OIDCRequestURL = fromVariable("oidc_request_url", sim.AzureDevOps().URL, "SYSTEM_OIDCREQUESTURI")
			c.OIDCRequestToken = fromVariable("oidc_request_token", sim.AzureDevOps().Secret, "SYSTEM_ACCESSTOKEN")
		}, mdesim.ADOIssuer, mdesim.ADOSubject},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := start(t, mdesim.Options{})
			c := config(t, sim)
			tt.set(&c, sim)
			requests := signsInTwice(t, sim, c)
			want := map[string]string{
				"grant_type": "client_credentials", "scope": scope, "client_id": sim.ClientID(), "credential": "client_assertion",
				"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
				"assertion_issuer":      tt.issuer, "assertion_subject": tt.subject, "assertion_audience": "api://AzureADTokenExchange",
			}
			for key, value := range want {
				if !strings.Contains(requests[0][key], value) {
					t.Errorf("the token request's %s is %q, want %q", key, requests[0][key], value)
				}
			}
			if requests[0]["assertion_id"] == requests[1]["assertion_id"] || sim.Count(mdesim.OpAssertion) != 2 {
				t.Errorf("%d assertions for two sign-ins", sim.Count(mdesim.OpAssertion))
			}
		})
	}
}

func TestFederation_aRotatedFileIsReadAgain(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	c := config(t, sim)
	path := put(t, "token", sim.Assertion(mdesim.KubernetesIssuer, mdesim.KubernetesSubject)+"\n")
	c.OIDCTokenFilePath = fromVariable("oidc_token_file_path", path, "AZURE_FEDERATED_TOKEN_FILE")
	source := open(t, c)
	first, err := source.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(sim.Assertion(mdesim.KubernetesIssuer, mdesim.KubernetesSubject)), 0o600); err != nil {
		t.Fatal(err)
	}
	source.Reject(first)
	if _, err := source.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	if requests := tokenRequests(t, sim); len(requests) != 2 || requests[0]["assertion_id"] != "1" || requests[1]["assertion_id"] != "2" {
		t.Errorf("got %v", requests)
	}
}

func TestFederation_aTokenGivenOutright(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	c := config(t, sim)
	c.OIDCToken = set("oidc_token", sim.Assertion(mdesim.GitHubIssuer, mdesim.GitHubSubject))
	token, err := open(t, c).Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	works(t, sim, token)

	sim.Advance(6 * time.Minute)
	_, err = open(t, c).Token(t.Context())
	if err == nil || !strings.Contains(err.Error(), "AADSTS700024") || !strings.Contains(err.Error(), "Check oidc_token (from the provider block;") {
		t.Errorf("of a token that has expired it says: %v", err)
	}
}

func TestFederation_outlivesABusyCISystem(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	sim.AddFault(mdesim.Fault{Op: mdesim.OpAssertion, Status: http.StatusServiceUnavailable, Times: 2})
	c := config(t, sim)
	c.OIDCRequestURL = set("oidc_request_url", sim.GitHubActions().URL)
	c.OIDCRequestToken = set("oidc_request_token", sim.GitHubActions().Secret)
	if _, err := open(t, c).Token(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestClientSecret_ofAFile(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	c := config(t, sim)
	path := put(t, "secret", "the-old-secret\n")
	c.ClientSecretFilePath = set("client_secret_file_path", path)
	source := open(t, c)
	if err := os.WriteFile(path, []byte(sim.ClientSecret()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	token, err := source.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	works(t, sim, token)
}

// TestSecrets_asToolsWriteThem has a line break at the end, and a byte-order mark
// at the beginning of a file.
func TestSecrets_asToolsWriteThem(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	assertion := func() string { return sim.Assertion(mdesim.GitHubIssuer, mdesim.GitHubSubject) }
	for name, change := range map[string]func(*auth.Config){
		"secret": func(c *auth.Config) { c.ClientSecret = set("client_secret", sim.ClientSecret()+"\r\n") },
		"secret of a file": func(c *auth.Config) {
			c.ClientSecretFilePath = set("client_secret_file_path", put(t, "secret", "\ufeff"+sim.ClientSecret()+"\r\n"))
		},
		"assertion": func(c *auth.Config) { c.OIDCToken = set("oidc_token", assertion()+"\n") },
		"assertion of a file": func(c *auth.Config) {
			c.OIDCTokenFilePath = set("oidc_token_file_path", put(t, "token", "\ufeff"+assertion()+"\n"))
		},
	} {
		c := config(t, sim)
		change(&c)
		token, err := open(t, c).Token(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		works(t, sim, token)
	}
}

// TestManagedIdentity_ofAMachine leads the address of the machine's own
// identity to the simulator.
func TestManagedIdentity_ofAMachine(t *testing.T) {
	t.Parallel()
	for name, client := range map[string]string{"of the system": "", "of a user": mdesim.DefaultClientID} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := start(t, mdesim.Options{})
			c := onMachine(t, sim)
			if client != "" {
				c.MSIClientID = set("msi_client_id", client)
			}
			source := open(t, c)
			for range 2 {
				token, err := source.Token(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				works(t, sim, token)
				source.Reject(token)
			}
			for _, call := range sim.Journal() {
				query, _ := url.ParseQuery(call.Query)
				if call.Op == mdesim.OpIdentity && (query.Get("resource")+"/.default" != scope || query.Get("client_id") != client || call.Header.Get("Metadata") != "true") {
					t.Errorf("asks for %s with %v", call.Query, call.Header)
				}
			}
			if got := sim.Count(mdesim.OpIdentity); got != 2 {
				t.Errorf("%d requests for two sign-ins", got)
			}
		})
	}
}

// onMachine is the configuration of a virtual machine.
func onMachine(t *testing.T, sim *mdesim.Server) auth.Config {
	t.Helper()
	c := config(t, sim)
	c.UseMSI = set("use_msi", "true")
	here, err := url.Parse(sim.AuthorityURL())
	if err != nil {
		t.Fatal(err)
	}
	c.Base = redirected{next: c.Base, from: "169.254.169.254", to: here}
	return c
}

type redirected struct {
	next http.RoundTripper
	from string
	to   *url.URL
}

// RoundTrip implements http.RoundTripper.
func (r redirected) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == r.from {
		req = req.Clone(req.Context())
		req.URL.Scheme, req.URL.Host, req.Host = r.to.Scheme, r.to.Host, r.to.Host
	}
	return r.next.RoundTrip(req)
}

// az is a program that answers like the Azure CLI.
func az(t *testing.T, script string) string {
	t.Helper()
	return put(t, "az", "#!/bin/sh\n"+script+"\n")
}

func TestAzureCLI(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	inAnHour := time.Now().Add(time.Hour)
	for name, expiry := range map[string]string{
		"new":  fmt.Sprintf(`"expiresOn": "2001-01-01 00:00:00.000000", "expires_on": %d`, inAnHour.Unix()),
		"text": fmt.Sprintf(`"expires_on": "%d"`, inAnHour.Unix()),
		"odd":  fmt.Sprintf(`"expiresOn": "%s.000000", "expires_on": "soon"`, inAnHour.Format("2006-01-02 15:04:05")),
		"old":  fmt.Sprintf(`"expiresOn": "%s.000000"`, inAnHour.Format("2006-01-02 15:04:05")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(t, sim)
			arguments := filepath.Join(t.TempDir(), "arguments")
			c.AzureCLI = az(t, fmt.Sprintf(`printf '%%s|' "$@" > %s; echo '{"accessToken": "%s", %s, "tokenType": "Bearer"}'`, arguments, sim.AccessToken(), expiry))
			source := open(t, c)
			token, err := source.Token(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			works(t, sim, token)
			if got := source.Identity(); got.Method != "azure_cli" || got.Expires.Sub(inAnHour).Abs() > time.Second {
				t.Errorf("got %+v", got)
			}
			said, err := os.ReadFile(arguments)
			if want := "account|get-access-token|--output|json|--scope|" + scope + "|--tenant|" + sim.TenantID() + "|"; err != nil || string(said) != want {
				t.Errorf("az is called with %q, want %q: %v", said, want, err)
			}
		})
	}
}

func TestAzureCLI_explainsWhatIsWrong(t *testing.T) {
	t.Parallel()
	const explicit, standby = "true", ""
	for name, tt := range map[string]struct {
		flag, script string
		says         []string
	}{
		"not logged in": {explicit, `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`, []string{
			"signing in with the Azure CLI: az is not logged in to this tenant. Run az login --tenant " + mdesim.DefaultTenantID, "Please run 'az login' to setup account",
			"Check use_cli (from the provider block; the environment can set it by MDE_USE_CLI) and tenant_id",
		}},
		"not logged in, on standby": {standby, `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`, []string{
			"az is not logged in", "It was tried because nothing else is configured.", "- the client secret lacks client_secret",
		}},
		"another failure, on standby": {standby, `echo "AADSTS50076: due to a configuration change" >&2; exit 2`, []string{"AADSTS50076: due to a configuration change.\n\nIt was tried because nothing else is configured.", "- the managed identity lacks use_msi (or MDE_USE_MSI)."}},
		"another failure":             {explicit, `echo "AADSTS50076: due to a configuration change" >&2; exit 2`, []string{"az account get-access-token fails (exit status 2): AADSTS50076: due to a configuration change."}},
		"no JSON":                     {explicit, `echo "a hush-hush-token"`, []string{"the output of az account get-access-token holds no token."}},
		"too much":                    {explicit, `head -c 3000000 /dev/zero`, []string{"holds no token."}},
		"expired":                     {explicit, `echo '{"accessToken": "hush-hush-token", "expires_on": 1000000000}'`, []string{"the token expired at 2001-09-09T01:46:40Z, and the clock of this machine says 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := start(t, mdesim.Options{})
			c := config(t, sim)
			c.UseCLI.Text, c.UseCLI.Origin = tt.flag, auth.FromBlock
			c.AzureCLI = az(t, tt.script)
			_, err := open(t, c).Token(t.Context())
			if err == nil {
				t.Fatal("signs in")
			}
			for _, want := range tt.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q: %v", want, err)
				}
			}
			if strings.Contains(err.Error(), "lacks .") || strings.Contains(err.Error(), "lacks \n") {
				t.Errorf("the error names what lacks nothing: %v", err)
			}
			if strings.Contains(err.Error(), "hush-hush") {
				t.Errorf("the error holds the output: %v", err)
			}
		})
	}
}
