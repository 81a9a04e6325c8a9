package auth_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/auth"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// start runs a simulated tenant with its token endpoint.
func start(t *testing.T, options mdesim.Options) *mdesim.Server {
	t.Helper()
	sim, err := mdesim.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return sim
}

// set is a setting of the provider block.
func set(name, text string) auth.Setting {
	return auth.Setting{Name: name, Variables: []string{"MDE_" + strings.ToUpper(name)}, Text: text, Origin: auth.FromBlock}
}

func unset(name string) auth.Setting {
	return auth.Setting{Name: name, Variables: []string{"MDE_" + strings.ToUpper(name)}}
}

// config signs in to sim, which it trusts, with nothing that proves who asks.
func config(t *testing.T, sim *mdesim.Server) auth.Config {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(sim.CACertPEM())
	base := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	t.Cleanup(base.CloseIdleConnections)
	return auth.Config{
		TenantID:                  set("tenant_id", sim.TenantID()),
		ClientID:                  set("client_id", sim.ClientID()),
		ClientSecret:              unset("client_secret"),
		ClientSecretFilePath:      unset("client_secret_file_path"),
		ClientCertificate:         unset("client_certificate"),
		ClientCertificatePath:     unset("client_certificate_path"),
		ClientCertificatePassword: unset("client_certificate_password"),
		UseOIDC:                   unset("use_oidc"),
		OIDCToken:                 unset("oidc_token"),
		OIDCTokenFilePath:         unset("oidc_token_file_path"),
		OIDCRequestURL:            unset("oidc_request_url"),
		OIDCRequestToken:          unset("oidc_request_token"),
		ADOServiceConnectionID:    unset("ado_pipeline_service_connection_id"),
		UseMSI:                    unset("use_msi"),
		MSIClientID:               unset("msi_client_id"),
		UseCLI:                    unset("use_cli"),
		AccessToken:               unset("access_token"),
		AuthorityHost:             set("authority_host", sim.AuthorityURL()),
		TokenScope:                set("token_scope", "https://api.securitycenter.microsoft.com/.default"),
		Base:                      base,
	}
}

// withSecret adds the right secret.
func withSecret(t *testing.T, sim *mdesim.Server) auth.Config {
	t.Helper()
	c := config(t, sim)
	c.ClientSecret = set("client_secret", sim.ClientSecret())
	return c
}

func open(t *testing.T, c auth.Config) *auth.Source {
	t.Helper()
	source, err := auth.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// works asks the API for something with the source's token.
func works(t *testing.T, sim *mdesim.Server, token string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sim.URL()+"/api/libraryfiles", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the API answers %d to the token", resp.StatusCode)
	}
}

func TestSource_fiftyCallersShareOneSignIn(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	source := open(t, withSecret(t, sim))
	if sim.Count(mdesim.OpToken) != 0 || source.Identity().TenantID != "" {
		t.Error("signs in before the first call")
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if token, err := source.Token(t.Context()); token == "" || err != nil {
				t.Errorf("%q, %v", token, err)
			}
		})
	}
	all.Wait()
	if got := sim.Count(mdesim.OpToken); got != 1 {
		t.Errorf("%d token requests, want 1", got)
	}
	token, _ := source.Token(t.Context())
	works(t, sim, token)
	if source.Identity().TenantID != sim.TenantID() {
		t.Errorf("the token's tenant is %q", source.Identity().TenantID)
	}
}

func TestSource_asksForTheRightThing(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	if _, err := open(t, withSecret(t, sim)).Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, call := range sim.Journal() {
		if call.Op != mdesim.OpToken {
			continue
		}
		for _, want := range []string{`"grant_type":"client_credentials"`, `"credential":"client_secret"`, sim.ClientID(), "https://api.securitycenter.microsoft.com/.default"} {
			if !strings.Contains(string(call.Body), want) {
				t.Errorf("the token request lacks %s: %s", want, call.Body)
			}
		}
	}
}

func TestSource_aRejectedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	source := open(t, withSecret(t, sim))
	first, err := source.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	source.Reject("another token")
	if again, _ := source.Token(t.Context()); again != first {
		t.Error("the rejection of another token drops this one")
	}
	source.Reject(first)
	second, err := source.Token(t.Context())
	if err != nil || sim.Count(mdesim.OpToken) != 2 {
		t.Fatalf("%v after %d token requests, want 2", err, sim.Count(mdesim.OpToken))
	}
	source.Reject(second)
	if third, _ := source.Token(t.Context()); third != second {
		t.Error("a service that takes no token at all is asked for one token after the other")
	}
}

func TestSource_opaqueTokensAreFine(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{OpaqueToken: true})
	source := open(t, withSecret(t, sim))
	token, err := source.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	works(t, sim, token)
	if source.Identity().TenantID != "" {
		t.Errorf("an opaque token tells the tenant %q", source.Identity().TenantID)
	}
}

func TestSource_outlivesABusyAuthority(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]mdesim.Fault{
		"429":          {Op: mdesim.OpToken, Status: http.StatusTooManyRequests, RetryAfter: "0", Times: 2},
		"503":          {Op: mdesim.OpToken, Status: http.StatusServiceUnavailable, Times: 2},
		"cut":          {Op: mdesim.OpToken, Cut: mdesim.CutBeforeEffect, Times: 2},
		"cut half way": {Op: mdesim.OpToken, Cut: mdesim.CutBody},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := start(t, mdesim.Options{})
			sim.AddFault(fault)
			if token, err := open(t, withSecret(t, sim)).Token(t.Context()); token == "" || err != nil {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSource_callersLeaveWithTheirContext(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	sim.AddFault(mdesim.Fault{Op: mdesim.OpToken, Status: http.StatusServiceUnavailable, RetryAfter: "30", Times: -1})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := open(t, withSecret(t, sim)).Token(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "signing in with the client secret") {
		t.Errorf("got %v", err)
	}
}

func TestSource_explainsWhatIsWrong(t *testing.T) {
	t.Parallel()
	const other = "99999999-9999-4999-8999-999999999999"
	for name, tt := range map[string]struct {
		break_        func(*auth.Config)
		fault         mdesim.Fault
		code, setting string
		says          string
	}{
		"wrong secret":  {func(c *auth.Config) { c.ClientSecret.Text = "wrong-secret" }, mdesim.Fault{}, "AADSTS7000215", "client_secret", "Invalid client secret provided"},
		"wrong client":  {func(c *auth.Config) { c.ClientID.Text = other }, mdesim.Fault{}, "AADSTS700016", "client_id", "was not found in the directory"},
		"wrong tenant":  {func(c *auth.Config) { c.TenantID.Text = other }, mdesim.Fault{}, "AADSTS90002", "tenant_id", "Tenant '" + other + "' not found"},
		"wrong scope":   {func(c *auth.Config) { c.TokenScope.Text = "https://graph.example/.default" }, mdesim.Fault{}, "AADSTS500011", "token_scope", "was not found in the tenant"},
		"no one there":  {func(c *auth.Config) { c.AuthorityHost.Text = "https://127.0.0.1:1" }, mdesim.Fault{}, "", "authority_host", "https://127.0.0.1:1 cannot be reached"},
		"not trusted":   {func(c *auth.Config) { c.Base = &http.Transport{} }, mdesim.Fault{}, "", "authority_host", "certificate"},
		"a proxy":       {func(*auth.Config) {}, mdesim.Fault{Op: mdesim.OpToken, Status: 407, Body: "<html>who are you</html>"}, "", "authority_host", "407 Proxy Authentication Required"},
		"a redirect":    {func(*auth.Config) {}, mdesim.Fault{Op: mdesim.OpToken, Status: 302, Body: "<html>over there</html>"}, "", "authority_host", "302 Found"},
		"out of order":  {func(*auth.Config) {}, mdesim.Fault{Op: mdesim.OpToken, Status: 502, Body: "<html></html>", Times: -1}, "", "authority_host", "502 Bad Gateway"},
		"a long pause":  {func(*auth.Config) {}, mdesim.Fault{Op: mdesim.OpToken, Status: 503, RetryAfter: "3600", Body: "<html></html>", Times: -1}, "", "authority_host", "503 Service Unavailable"},
		"a proxy's 200": {func(*auth.Config) {}, mdesim.Fault{Op: mdesim.OpToken, Status: 200, Body: "<html>SuperSecret</html>"}, "", "authority_host", "is not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := start(t, mdesim.Options{})
			if tt.fault.Op != "" {
				sim.AddFault(tt.fault)
			}
			c := withSecret(t, sim)
			tt.break_(&c)
			_, err := open(t, c).Token(t.Context())
			var signIn *auth.Error
			if !errors.As(err, &signIn) {
				t.Fatalf("got %v", err)
			}
			if signIn.Code != tt.code || signIn.Settings[0].Name != tt.setting {
				t.Errorf("code %q and setting %s, want %q and %s", signIn.Code, signIn.Settings[0], tt.code, tt.setting)
			}
			for _, want := range []string{"signing in with the client secret: ", tt.says, "Check " + tt.setting + " (from the provider block; the environment can set it by MDE_"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q: %v", want, err)
				}
			}
			for _, secret := range []string{sim.ClientSecret(), "wrong-secret", "SuperSecret"} {
				if strings.Contains(fmt.Sprintf("%v %+v %#v", err, signIn, signIn), secret) {
					t.Errorf("the error holds a secret: %+v", signIn)
				}
			}
		})
	}
}

func TestSource_aRefusalIsNotAskedForAgainAtOnce(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	c := withSecret(t, sim)
	c.ClientSecret.Text = "wrong"
	source := open(t, c)
	for range 20 {
		if _, err := source.Token(t.Context()); err == nil {
			t.Fatal("signs in with a wrong secret")
		}
	}
	if got := sim.Count(mdesim.OpToken); got != 1 {
		t.Errorf("%d token requests, want 1", got)
	}
}

func TestNew_choosesOneWay(t *testing.T) {
	t.Parallel()
	fromEnvironment := func(s auth.Setting) auth.Setting {
		s.Origin = auth.FromVariable(s.Variables[0])
		return s
	}
	sim := start(t, mdesim.Options{})
	for name, tt := range map[string]struct {
		change  func(*auth.Config)
		method  string
		ignored string
	}{
		"token before secret": {func(c *auth.Config) { c.AccessToken = set("access_token", "token") }, "a ready access token", "client_secret"},
		"block before environment": {func(c *auth.Config) {
			c.AccessToken = fromEnvironment(set("access_token", "token"))
		}, "the client secret", ""},
		"secret before certificate": {func(c *auth.Config) {
			c.ClientCertificatePath = set("client_certificate_path", "nowhere.pem")
		}, "the client secret", "client_certificate_path"},
		"environment alone": {func(c *auth.Config) { c.ClientSecret = fromEnvironment(c.ClientSecret) }, "the client secret", ""},
	} {
		c := withSecret(t, sim)
		tt.change(&c)
		source := open(t, c)
		var ignored []string
		for _, s := range source.Ignored() {
			ignored = append(ignored, s.Name)
		}
		if source.Method() != tt.method || strings.Join(ignored, " ") != tt.ignored {
			t.Errorf("%s: %s, ignoring %v", name, source.Method(), ignored)
		}
	}
}

// TestNew_logsWhereEverySettingComesFrom reads the debug log.
func TestNew_logsWhereEverySettingComesFrom(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	c := withSecret(t, start(t, mdesim.Options{}))
	c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.UseOIDC = fromVariable("use_oidc", "false", "ARM_USE_OIDC")
	c.OIDCRequestToken = fromVariable("oidc_request_token", "hush-hush", "SYSTEM_ACCESSTOKEN")
	source := open(t, c)
	for _, want := range []string{
		"signing in with the client secret", "because=\"client_secret (from the provider block)", "client_id (from the provider block)", "tenant_id (from the provider block)", "authority_host (from", "token_scope (from",
		"use_oidc (from the environment variable ARM_USE_OIDC)", "oidc_request_token (from the environment variable SYSTEM_ACCESSTOKEN)",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, log.String())
		}
	}
	for _, no := range []string{"hush-hush", c.ClientSecret.Text, "not set"} {
		if strings.Contains(log.String(), no) {
			t.Errorf("the log holds %q: %s", no, log.String())
		}
	}
	if want := "the client secret, which client_secret (from the provider block) asks for"; source.Identity().SignIn != want {
		t.Errorf("got %q, want %q", source.Identity().SignIn, want)
	}
}

// agents keeps the user agents of the requests.
type agents struct {
	next http.RoundTripper
	mu   sync.Mutex
	seen map[string]bool
}

// RoundTrip implements http.RoundTripper.
func (a *agents) RoundTrip(req *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.seen[req.UserAgent()] = true
	a.mu.Unlock()
	return a.next.RoundTrip(req)
}

// TestSource_namesItself looks at all requests of three ways to sign in.
func TestSource_namesItself(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	federated := config(t, sim)
	federated.OIDCRequestURL, federated.OIDCRequestToken = set("oidc_request_url", sim.GitHubActions().URL), set("oidc_request_token", sim.GitHubActions().Secret)
	for name, c := range map[string]auth.Config{"secret": withSecret(t, sim), "federation": federated, "machine": onMachine(t, sim)} {
		seen := &agents{next: c.Base, seen: map[string]bool{}}
		c.Base, c.UserAgent = seen, "agent/1"
		if _, err := open(t, c).Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !seen.seen["agent/1"] || len(seen.seen) != 1 {
			t.Errorf("%s: the user agents are %v", name, seen.seen)
		}
	}
}

func TestNew_namesWhatIsMissing(t *testing.T) {
	t.Parallel()
	sim := start(t, mdesim.Options{})
	for name, tt := range map[string]struct {
		change func(*auth.Config)
		says   []string
	}{
		"nothing at all": {func(c *auth.Config) { c.TenantID, c.ClientID = unset("tenant_id"), unset("client_id") }, []string{
			"no way to sign in is configured",
			"- a ready access token lacks access_token (or MDE_ACCESS_TOKEN)\n",
			"- the client secret lacks client_secret (or MDE_CLIENT_SECRET) or client_secret_file_path (or MDE_CLIENT_SECRET_FILE_PATH); tenant_id (or MDE_TENANT_ID); client_id (or MDE_CLIENT_ID)\n",
			"- the client certificate lacks client_certificate (or MDE_CLIENT_CERTIFICATE) or client_certificate_path (or MDE_CLIENT_CERTIFICATE_PATH); tenant_id",
			"- workload identity federation lacks use_oidc (or MDE_USE_OIDC), oidc_token (or MDE_OIDC_TOKEN), oidc_token_file_path (or MDE_OIDC_TOKEN_FILE_PATH), ado_pipeline_service_connection_id (or MDE_ADO_PIPELINE_SERVICE_CONNECTION_ID) or oidc_request_url (or MDE_OIDC_REQUEST_URL); tenant_id (or MDE_TENANT_ID); client_id (or MDE_CLIENT_ID)\n",
			"- the managed identity lacks use_msi (or MDE_USE_MSI)\n",
			"- the Azure CLI lacks tenant_id (or MDE_TENANT_ID); the program az on PATH.",
		}},
		"only the tenant": {func(c *auth.Config) { c.ClientID = unset("client_id") }, []string{"- the client secret lacks client_secret (or MDE_CLIENT_SECRET) or client_secret_file_path (or MDE_CLIENT_SECRET_FILE_PATH); client_id", "- the Azure CLI lacks the program az on PATH."}},
		"no tenant": {func(c *auth.Config) {
			c.ClientSecret, c.TenantID = set("client_secret", "s3cret-value"), unset("tenant_id")
		}, []string{"signing in with the client secret: client_secret (from the provider block) asks for it, but tenant_id is not set. Check tenant_id (or MDE_TENANT_ID)."}},
		"neither": {func(c *auth.Config) {
			c.ClientSecret, c.TenantID, c.ClientID = set("client_secret", "s3cret-value"), unset("tenant_id"), unset("client_id")
		}, []string{"tenant_id and client_id are not set"}},
	} {
		c := config(t, sim)
		tt.change(&c)
		_, err := auth.New(t.Context(), c)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, want := range tt.says {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: the error lacks %q:\n%v", name, want, err)
			}
		}
		if strings.Contains(err.Error(), "s3cret-value") {
			t.Errorf("%s: the error holds the secret", name)
		}
	}
}
