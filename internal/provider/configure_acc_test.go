package provider_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
	"github.com/mde-as-code/terraform-provider-mde/internal/provider"
)

// harness serves the provider with an environment of the test's own and trust
// in the simulated authority.
type harness struct {
	*acctest.Env
	variables map[string]string
	base      http.RoundTripper
}

func tenant(t *testing.T) *harness {
	t.Helper()
	env := acctest.Tenant(t, mdesim.Options{})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(env.Sim.CACertPEM())
	base := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	t.Cleanup(base.CloseIdleConnections)
	return &harness{Env: env, base: base, variables: map[string]string{}}
}

func (h *harness) factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"mde": func() (tfprotov6.ProviderServer, error) {
			p := provider.NewWith(h.base, func(name string) string { return h.variables[name] })
			return providerserver.NewProtocol6(p())(), nil
		},
	}
}

// config is a provider block with settings, and data that needs the provider.
func config(settings string) string {
	return fmt.Sprintf("provider \"mde\" {\n%s\n}\n", settings) + fmt.Sprintf("data \"mde_machine\" \"this\" {\n id = %q\n}\n", mdesim.DefaultMachineID)
}

// signIn is a provider block that signs in to the simulator, with the setting
// that proves who asks.
func (h *harness) signIn(proof string) string {
	return config(fmt.Sprintf("endpoint = %q\nauthority_host = %q\ntenant_id = %q\nclient_id = %q\n%s", h.Sim.URL(), h.Sim.AuthorityURL(), h.Sim.TenantID(), h.Sim.ClientID(), proof))
}

// refuses plans a configuration and expects an error. Terraform breaks lines
// wherever it likes, so any white space stands for a space.
func (h *harness) refuses(t *testing.T, config, says string) {
	t.Helper()
	pattern := strings.Join(strings.Fields(regexp.QuoteMeta(says)), `[\s│]+`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: h.factories(),
		Steps:                    []resource.TestStep{{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(pattern)}},
	})
}

func TestAccProvider_refusesABadConfiguration(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ settings, says string }{
		"plain http":              {`endpoint = "http://example.com"`, `The value "http://example.com" of endpoint would send the token without encryption. Use an https URL; plain http is accepted for a loopback address only. Check endpoint (from the provider block; the environment can set it by MDE_ENDPOINT).`},
		"no URL":                  {`endpoint = "example.com"`, `of endpoint is not a URL`},
		"plain http to sign in":   {`authority_host = "http://127.0.0.1"`, `is not an https URL`},
		"unknown environment":     {`environment = "china"`, `names no cloud. Use "public", "gcc", "gcchigh" or "dod". Check environment (from the provider block; the environment can set it by MDE_ENVIRONMENT).`},
		"scope without default":   {`token_scope = "https://api.securitycenter.microsoft.com"`, `Use one that ends in "/.default"`},
		"tenant with a slash":     {`tenant_id = "a/b"`, `is neither the id of a tenant nor a domain name`},
		"a limit of nothing":      {"access_token = \"x\"\nrate_limits = { requests_per_minute = 0 }", `must be at least 1`},
		"two certificates":        {"client_certificate = \"a\"\nclient_certificate_path = \"b\"", `The provider block sets both client_certificate and client_certificate_path. Keep one of the two.`},
		"two secrets":             {"client_secret = \"a\"\nclient_secret_file_path = \"b\"", `The provider block sets both client_secret and client_secret_file_path. Keep one of the two.`},
		"no certificate there":    {"tenant_id = \"a\"\nclient_id = \"b\"\nclient_certificate_path = \"/nowhere/at-all.pem\"", `Check client_certificate_path (from the provider block; the environment can set it by MDE_CLIENT_CERTIFICATE_PATH,`},
		"nothing to sign in with": {``, `No way to sign in is configured. Each of these takes attributes`},
		"no application":          {"tenant_id = \"a\"\nclient_secret = \"b\"", `client_id is not set. Check client_id (or MDE_CLIENT_ID, ARM_CLIENT_ID or AZURE_CLIENT_ID).`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant(t).refuses(t, config(tt.settings), tt.says)
		})
	}
}

func TestAccProvider_namesTheVariableThatIsWrong(t *testing.T) {
	t.Parallel()
	h := tenant(t)
	h.variables["MDE_ENDPOINT"] = "http://example.com"
	h.refuses(t, config(""), `of endpoint would send the token without encryption. Use an https URL; plain http is accepted for a loopback address only. Check endpoint (from the environment variable MDE_ENDPOINT).`)
}

func TestAccProvider_namesItself(t *testing.T) {
	t.Parallel()
	h := tenant(t)
	h.variables["ARM_CLIENT_SECRET"] = h.Sim.ClientSecret()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: h.factories(),
		Steps:                    []resource.TestStep{{Config: h.signIn("")}},
	})
	want := regexp.MustCompile(`^Terraform/\d\S+ \(\+https://www\.terraform\.io\) terraform-provider-mde/test$`)
	seen := map[mdesim.Op]bool{}
	for _, call := range h.Sim.Journal() {
		seen[call.Op] = true
		if agent := call.Header.Get("User-Agent"); !want.MatchString(agent) {
			t.Errorf("the user agent of %s is %q", call.Op, agent)
		}
	}
	if !seen[mdesim.OpGetMachine] || !seen[mdesim.OpToken] {
		t.Errorf("saw only %v", seen)
	}
}

func TestAccProvider_explainsWhyItCannotSignIn(t *testing.T) {
	t.Parallel()
	const nobody = "99999999-9999-4999-8999-999999999999"
	for name, tt := range map[string]struct {
		config func(*harness) string
		says   string
	}{
		"wrong secret": {
			func(h *harness) string { return h.signIn(`client_secret = "wrong-secret"`) },
			`signing in with the client secret: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID`,
		},
		"wrong secret of the environment": {
			func(h *harness) string {
				h.variables["AZURE_CLIENT_SECRET"] = "wrong-secret"
				return h.signIn("")
			},
			`Check client_secret (from the environment variable AZURE_CLIENT_SECRET).`,
		},
		"nobody listens": {
			func(h *harness) string {
				return strings.ReplaceAll(h.signIn(`client_secret = "x-secret"`), h.Sim.AuthorityURL(), "https://127.0.0.1:1")
			},
			`https://127.0.0.1:1 cannot be reached: dial tcp 127.0.0.1:1: connect: connection refused. Check authority_host (from the provider block; the environment can set it by MDE_AUTHORITY_HOST or AZURE_AUTHORITY_HOST).`,
		},
		"token of another tenant": {
			func(h *harness) string {
				return config(fmt.Sprintf("endpoint = %q\naccess_token = %q\ntenant_id = %q", h.Sim.URL(), h.Sim.AccessToken(), nobody))
			},
			`The state of one tenant is never applied to another. Check tenant_id (from the provider block;`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := tenant(t)
			h.refuses(t, tt.config(h), tt.says)
			if calls := h.Sim.Count(mdesim.OpGetMachine); calls != 0 {
				t.Errorf("%d calls were made", calls)
			}
		})
	}
}

// TestAccProvider_emptyIsUnset passes both of two settings of which one is
// empty, as modules with defaults do.
func TestAccProvider_emptyIsUnset(t *testing.T) {
	t.Parallel()
	h := tenant(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: h.factories(),
		Steps:                    []resource.TestStep{{Config: h.signIn(fmt.Sprintf("client_secret = %q\nclient_secret_file_path = \"\"\nclient_certificate = \"\"\nclient_certificate_path = \"\"", h.Sim.ClientSecret()))}},
	})
}

// TestAccProvider_configuredByAResource has a provider whose configuration is
// not known while the first plan is made.
func TestAccProvider_configuredByAResource(t *testing.T) {
	t.Parallel()
	h := tenant(t)
	block := fmt.Sprintf(`
resource "terraform_data" "token" {
  input = %q
}
provider "mde" {
  endpoint     = %q
  access_token = terraform_data.token.output
}
`, h.Sim.AccessToken(), h.Sim.URL())
	file := `
resource "mde_library_file" "this" {
  file_name = "a.ps1"
  content   = "Get-Date"
}

resource "mde_indicator" "this" {
  indicator_type  = "DomainName"
  indicator_value = "phish.example"
  action          = "Block"
  title           = "Phishing"
  description     = "Phishing."
}

resource "mde_indicator_set" "this" {
  action      = "Block"
  title       = "Phishing"
  description = "Phishing."
  indicators  = { "198.51.100.1" = "" }
}

resource "mde_live_response_run" "this" {
  machine_id          = "` + mdesim.DefaultMachineID + `"
  comment             = "INC-1"
  commands            = [{ type = "RunScript", script_name = mde_library_file.this.file_name }]
  wait_for_completion = false
}
`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: h.factories(),
		Steps: []resource.TestStep{
			{Config: block + file},
			{Config: strings.Replace(block, "input", "triggers_replace = 2\ninput", 1) + file}, // What exists is not refreshed by a provider that cannot call.
		},
	})
	for write, want := range map[mdesim.Op]int{mdesim.OpUploadLibraryFile: 1, mdesim.OpSubmitIndicator: 2, mdesim.OpRunLiveResponse: 1} {
		if got := h.Sim.Count(write); got != want {
			t.Errorf("%s: %d calls, want %d", write, got, want)
		}
	}
	data := fmt.Sprintf("data \"mde_machine\" \"this\" {\n id = %q\n}\n", mdesim.DefaultMachineID)
	tenant(t).refuses(t, block+data, `the provider is not configured yet: access_token will be known only after other resources are applied`)
}
