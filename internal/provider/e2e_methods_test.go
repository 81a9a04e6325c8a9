package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const showSignIn = `
data "mde_client_config" "this" {}
output "method" { value = data.mde_client_config.this.sign_in_method }
`

// aFile is the smallest thing that calls the API.
const aFile = `
resource "mde_library_file" "this" {
  file_name = "note.txt"
  content   = "note"
}
`

// install puts a program called az on the folder's PATH.
func install(t *testing.T, w *acctest.Folder, script string) {
	t.Helper()
	w.Write("bin/az", "#!/bin/sh\n"+script+"\n")
	if err := os.Chmod(w.Path("bin/az"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.Setenv("PATH", w.Path("bin")+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// logIn installs an az that is logged in.
func logIn(t *testing.T, env *acctest.Env, w *acctest.Folder) {
	t.Helper()
	install(t, w, fmt.Sprintf(`echo '{"accessToken": "%s", "expires_on": %d}'`, env.Sim.AccessToken(), time.Now().Add(time.Hour).Unix()))
}

// methods set the environment of every way to sign in as CI systems, clusters
// and machines do.
func methods(t *testing.T) map[string]func(*acctest.Env, *acctest.Folder) {
	t.Helper()
	return map[string]func(*acctest.Env, *acctest.Folder){
		"client_secret": func(env *acctest.Env, w *acctest.Folder) {
			w.Write("secret", env.Sim.ClientSecret()+"\n")
			w.Setenv("ARM_CLIENT_SECRET_FILE_PATH", w.Path("secret"))
		},
		"oidc on GitHub Actions": func(env *acctest.Env, w *acctest.Folder) {
			w.Setenv("ACTIONS_ID_TOKEN_REQUEST_URL", env.Sim.GitHubActions().URL)
			w.Setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", env.Sim.GitHubActions().Secret)
		},
		"oidc on Azure DevOps": func(env *acctest.Env, w *acctest.Folder) {
			w.Setenv("ARM_USE_OIDC", "true")
			w.Setenv("ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", mdesim.ServiceConnection)
			w.Setenv("SYSTEM_OIDCREQUESTURI", env.Sim.AzureDevOps().URL)
			w.Setenv("SYSTEM_ACCESSTOKEN", env.Sim.AzureDevOps().Secret)
		},
		"oidc on Kubernetes": func(env *acctest.Env, w *acctest.Folder) {
			w.Write("federated", env.Sim.Assertion(mdesim.KubernetesIssuer, mdesim.KubernetesSubject))
			w.Setenv("AZURE_FEDERATED_TOKEN_FILE", w.Path("federated"))
		},
		"oidc with a token": func(env *acctest.Env, w *acctest.Folder) {
			w.Setenv("ARM_OIDC_TOKEN", env.Sim.Assertion(mdesim.GitHubIssuer, mdesim.GitHubSubject))
		},
		"managed_identity": func(env *acctest.Env, w *acctest.Folder) {
			w.Setenv("ARM_USE_MSI", "true")
			w.Setenv("IDENTITY_ENDPOINT", env.Sim.AppService().URL)
			w.Setenv("IDENTITY_HEADER", env.Sim.AppService().Secret)
		},
		"azure_cli":    func(env *acctest.Env, w *acctest.Folder) { logIn(t, env, w) },
		"access_token": func(env *acctest.Env, w *acctest.Folder) { w.Setenv("MDE_ACCESS_TOKEN", env.Sim.AccessToken()) },
	}
}

// TestAccMethods signs in every way with nothing but the environment, and reads
// the trace for secrets.
func TestAccMethods(t *testing.T) {
	t.Parallel()
	for name, prepare := range methods(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, w := acctest.Tenant(t, mdesim.Options{}), acctest.Workspace(t)
			w.SignIn(env)
			prepare(env, w)
			w.Write("main.tf", showSignIn+aFile)
			w.Init()
			printed := w.Apply()

			word, _, _ := strings.Cut(name, " ")
			if want := fmt.Sprintf("method = %q", word); !strings.Contains(printed, want) {
				t.Errorf("the output lacks %s:\n%s", want, printed)
			}
			if got := env.Sim.Count(mdesim.OpToken, mdesim.OpIdentity); got > 2 {
				t.Errorf("%d token requests by two processes", got)
			}
			secrets := []string{env.Sim.ClientSecret(), env.Sim.GitHubActions().Secret, env.Sim.AppService().Secret, env.Sim.AccessToken()}
			for _, secret := range secrets {
				if strings.Contains(w.Log()+printed, secret) {
					t.Errorf("log or output holds the secret %.12s…", secret)
				}
			}
			if at := regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`).FindString(w.Log()); at != "" {
				t.Errorf("the log holds a token: %.40s…", at)
			}
			if !strings.Contains(w.Log(), "Tokens come from signing in with") {
				t.Error("the log does not say how the provider signs in")
			}
		})
	}
}

// TestAccMethods_wrongSettings shows the one error of every wrong setting.
func TestAccMethods_wrongSettings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prepare func(*acctest.Env, *acctest.Folder)
		says    []string
	}{
		"no secret file": {
			func(_ *acctest.Env, w *acctest.Folder) { w.Setenv("MDE_CLIENT_SECRET_FILE_PATH", "/nowhere/secret") },
			[]string{"open /nowhere/secret: no such file or directory", "client_secret_file_path (from the environment variable MDE_CLIENT_SECRET_FILE_PATH)"},
		},
		"no token file": {
			func(_ *acctest.Env, w *acctest.Folder) { w.Setenv("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token") },
			[]string{"open /nowhere/token: no such file or directory", "oidc_token_file_path (from the environment variable AZURE_FEDERATED_TOKEN_FILE)"},
		},
		"nowhere to ask": {
			func(_ *acctest.Env, w *acctest.Folder) { w.Setenv("ARM_USE_OIDC", "true") },
			[]string{"use_oidc asks for it, but nothing tells where the token", "oidc_request_url (or MDE_OIDC_REQUEST_URL, ARM_OIDC_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_URL or SYSTEM_OIDCREQUESTURI)"},
		},
		"CI system down": {
			func(_ *acctest.Env, w *acctest.Folder) {
				w.Setenv("ACTIONS_ID_TOKEN_REQUEST_URL", "https://127.0.0.1:1/token?api-version=2.0")
				w.Setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "the-jobs-token")
			},
			[]string{"127.0.0.1:1, which issues the job's token, cannot be reached", "oidc_request_url (from the environment variable ACTIONS_ID_TOKEN_REQUEST_URL)"},
		},
		"a wrong job token": {
			func(env *acctest.Env, w *acctest.Folder) {
				w.Setenv("ACTIONS_ID_TOKEN_REQUEST_URL", env.Sim.GitHubActions().URL)
				w.Setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "the-jobs-token")
			},
			[]string{"answers 401 Unauthorized instead of issuing the job's token: The job's token is not valid.", "oidc_request_token (from the environment variable ACTIONS_ID_TOKEN_REQUEST_TOKEN)"},
		},
		"a wrong service connection": {
			func(env *acctest.Env, w *acctest.Folder) {
				w.Setenv("MDE_ADO_PIPELINE_SERVICE_CONNECTION_ID", "another")
				w.Setenv("SYSTEM_OIDCREQUESTURI", env.Sim.AzureDevOps().URL)
				w.Setenv("SYSTEM_ACCESSTOKEN", env.Sim.AzureDevOps().Secret)
			},
			[]string{"answers 404 Not Found", "The service connection does not exist", "ado_pipeline_service_connection_id (from the environment variable MDE_ADO_PIPELINE_SERVICE_CONNECTION_ID)"},
		},
		"no trust": {
			func(env *acctest.Env, w *acctest.Folder) {
				w.Setenv("MDE_OIDC_TOKEN", env.Sim.Assertion(mdesim.GitHubIssuer, "repo:contoso/another:ref:refs/heads/main"))
			},
			[]string{"AADSTS700213", "repo:contoso/another:ref:refs/heads/main", "oidc_token (from the environment variable MDE_OIDC_TOKEN)"},
		},
		"a wrong identity": {
			func(env *acctest.Env, w *acctest.Folder) {
				w.Setenv("MDE_USE_MSI", "true")
				w.Setenv("MDE_MSI_CLIENT_ID", "another")
				w.Setenv("IDENTITY_ENDPOINT", env.Sim.AppService().URL)
				w.Setenv("IDENTITY_HEADER", env.Sim.AppService().Secret)
			},
			[]string{"answers 400 Bad Request: Identity not found", "msi_client_id (from the environment variable MDE_MSI_CLIENT_ID)"},
		},
		"az not logged in": {
			func(_ *acctest.Env, w *acctest.Folder) {
				install(t, w, `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`)
				w.Setenv("MDE_USE_CLI", "true")
			},
			[]string{"az is not logged in to this tenant. Run az login --tenant " + mdesim.DefaultTenantID, "use_cli (from the environment variable MDE_USE_CLI)"},
		},
		"no az": {
			func(_ *acctest.Env, w *acctest.Folder) {
				w.Setenv("PATH", w.Path("bin"))
				w.Setenv("ARM_USE_CLI", "true")
			},
			[]string{"the program az is not on PATH", "use_cli (from the environment variable ARM_USE_CLI)"},
		},
		"token of another tenant": {
			func(env *acctest.Env, w *acctest.Folder) {
				w.Setenv("MDE_ACCESS_TOKEN", env.Sim.MintToken(func(c *mdesim.Claims) { c.TenantID = "99999999-9999-4999-8999-999999999999" }))
			},
			[]string{"the token belongs to the tenant 99999999-9999-4999-8999-999999999999, but tenant_id is " + mdesim.DefaultTenantID, "tenant_id (from the environment variable MDE_TENANT_ID)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, w := acctest.Tenant(t, mdesim.Options{}), acctest.Workspace(t)
			w.SignIn(env)
			w.Write("main.tf", aFile+`provider "mde" {}`) // Without one, Terraform adds an error of its own.
			w.Init()
			tt.prepare(env, w)
			output := strings.Join(strings.Fields(strings.ReplaceAll(w.RunError("plan", "-no-color"), "│", "")), " ")
			for _, want := range tt.says {
				if !strings.Contains(output, want) {
					t.Errorf("the error does not say %q:\n%s", want, output)
				}
			}
			if got := strings.Count(output, "Error: "); got != 1 {
				t.Errorf("%d errors, want one:\n%s", got, output)
			}
			if calls := env.Sim.Count(mdesim.OpListLibraryFiles); calls > 0 {
				t.Errorf("%d calls were made", calls)
			}
			for _, secret := range []string{"the-jobs-token", env.Sim.GitHubActions().Secret, env.Sim.AppService().Secret} {
				if strings.Contains(output+w.Log(), secret) {
					t.Errorf("log or output holds %s", secret)
				}
			}
		})
	}
}

// TestAccSignIn_twoHundredResources counts the tokens of a large apply.
func TestAccSignIn_twoHundredResources(t *testing.T) {
	t.Parallel()
	env, w := acctest.Tenant(t, mdesim.Options{}), acctest.Workspace(t)
	w.SignIn(env)
	w.Setenv("MDE_CLIENT_SECRET", env.Sim.ClientSecret())
	w.Write("main.tf", `
resource "mde_indicator" "this" {
  count           = 200
  indicator_type  = "DomainName"
  indicator_value = "host-${count.index}.example"
  action          = "Block"
  title           = "Phishing"
  description     = "Phishing."
}
`)
	w.Init()
	w.Apply()
	if got := env.Sim.Count(mdesim.OpToken); got != 2 {
		t.Errorf("an apply of 200 resources made %d token requests, want 2", got)
	}
}

// TestAccSignIn_shortTokens has tokens that live two seconds and a run that
// takes longer: they are renewed, and no call fails.
func TestAccSignIn_shortTokens(t *testing.T) {
	t.Parallel()
	env, w := acctest.Tenant(t, mdesim.Options{TokenLife: 2 * time.Second, Timing: mdesim.Timing{Start: 4 * time.Second}}), acctest.Workspace(t)
	w.SignIn(env)
	w.Setenv("MDE_CLIENT_SECRET", env.Sim.ClientSecret())
	w.Write("main.tf", allResources)
	w.Init()
	w.Apply()
	if got := env.Sim.Count(mdesim.OpToken); got < 3 {
		t.Errorf("%d token requests, so that nothing was renewed", got)
	}
	for _, call := range env.Sim.Journal() {
		if call.Status == 401 {
			t.Errorf("%s was refused", call.Op)
		}
	}
}

// TestAccPermissions_missing plans each resource with a token that lacks just
// what it needs.
func TestAccPermissions_missing(t *testing.T) {
	t.Parallel()
	all := []string{"Library.Manage", "Machine.LiveResponse", "Machine.Read.All", "Ti.ReadWrite.All"}
	const aRun = `
resource "mde_live_response_run" "this" {
  machine_id = "` + mdesim.DefaultMachineID + `"
  comment    = "first look"
  commands   = [{ type = "GetFile", path = "C:\\Windows\\win.ini" }]
}
`
	const anIndicator = `
resource "mde_indicator" "this" {
  indicator_type  = "DomainName"
  indicator_value = "phish.example"
  action          = "Block"
  title           = "Phishing"
  description     = "Phishing."
}
`
	const aSet = `
resource "mde_indicator_set" "this" {
  action      = "Block"
  title       = "Phishing"
  description = "Phishing."
  indicators  = { "phish.example" = "" }
}
`
	for name, tt := range map[string]struct{ config, lacks, says string }{
		"library file":  {aFile, "Library.Manage", "needs the permission Library.Manage of the API"},
		"indicator":     {anIndicator, "Ti.ReadWrite.All", "needs the permission Ti.ReadWrite.All or Ti.ReadWrite of the API"},
		"indicator set": {aSet, "Ti.ReadWrite.All", "needs the permission Ti.ReadWrite.All or Ti.ReadWrite of the API"},
		"run":           {aRun, "Machine.LiveResponse", "needs the permission Machine.LiveResponse of the API"},
		"looking":       {aRun, "Machine.Read.All", "needs the permission Machine.Read.All or Machine.ReadWrite.All of the API"},
		"machine":       {`data "mde_machine" "this" { computer_dns_name = "desktop-01.contoso.com" }`, "Machine.Read.All", "needs the permission Machine.Read.All or Machine.ReadWrite.All of the API"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, w := acctest.Tenant(t, mdesim.Options{}), acctest.Workspace(t)
			w.Use(env)
			w.Setenv("MDE_ACCESS_TOKEN", env.Sim.MintToken(func(c *mdesim.Claims) { c.Roles = without(all, tt.lacks) }))
			w.Write("main.tf", tt.config)
			w.Init()
			output := strings.Join(strings.Fields(strings.ReplaceAll(w.RunError("plan", "-no-color"), "│", "")), " ")
			for _, want := range []string{tt.says, "not permitted by the access token", "grant admin consent"} {
				if !strings.Contains(output, want) {
					t.Errorf("the error does not say %q:\n%s", want, output)
				}
			}
			if calls := len(env.Sim.Journal()); calls > 0 {
				t.Errorf("%d calls were made", calls)
			}
		})
	}
}

func without(words []string, word string) []string {
	var out []string
	for _, w := range words {
		if w != word {
			out = append(out, w)
		}
	}
	return out
}

// TestAccPermissions_warnings explains once what a token hides.
func TestAccPermissions_warnings(t *testing.T) {
	t.Parallel()
	const two = `
resource "mde_indicator" "this" {
  count           = 2
  indicator_type  = "DomainName"
  indicator_value = "host-${count.index}.example"
  action          = "Block"
  title           = "Phishing"
  description     = "Phishing."
}
`
	for want, options := range map[string]mdesim.Options{
		"Only the application's own indicators are visible": {OwnIndicatorsOnly: true},
		"Permissions of the access token are not known":     {OpaqueToken: true},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			env, w := acctest.Tenant(t, options), acctest.Workspace(t)
			w.Use(env)
			w.Write("main.tf", two)
			w.Init()
			if printed := w.Plan(); strings.Count(printed, "Warning: "+want) != 1 || strings.Contains(printed, "more similar") {
				t.Errorf("the plan does not say once %q:\n%s", want, printed)
			}
		})
	}
}
