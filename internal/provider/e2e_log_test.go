package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const allResources = `
resource "mde_library_file" "this" {
  file_name = "collect.ps1"
  content   = "Write-Output 'hello'\n"
}

resource "mde_indicator" "this" {
  indicator_type  = "DomainName"
  indicator_value = "phish.example"
  action          = "Block"
  title           = "Phishing"
  description     = "Phishing."
}

data "mde_machine" "this" {
  computer_dns_name = "desktop-01.contoso.com"
}

resource "mde_live_response_run" "this" {
  machine_id = data.mde_machine.this.id
  comment    = "first look"
  commands   = [{ type = "RunScript", script_name = mde_library_file.this.file_name }]
}

output "links" {
  value     = mde_live_response_run.this.result_urls
  sensitive = true
}
`

// TestAccLog_holdsNoSecrets reads the whole trace of a life of all resources,
// with quotas that make the client retry.
func TestAccLog_holdsNoSecrets(t *testing.T) {
	t.Parallel()
	const scriptOutput = "the-output-of-the-script"
	env, w := acctest.Tenant(t, mdesim.Options{}), acctest.Workspace(t)
	env.Sim.SetScript("collect.ps1", mdesim.ScriptResult{Output: scriptOutput})
	env.Sim.AddFault(mdesim.Fault{Op: mdesim.OpListLibraryFiles, Status: 429, Code: "TooManyRequests", RetryAfter: "1"})
	env.Sim.AddFault(mdesim.Fault{Op: mdesim.OpResultLink, Status: 500, Code: "InternalServerError"})
	w.SignIn(env)
	w.Setenv("MDE_CLIENT_SECRET", env.Sim.ClientSecret())
	w.Write("main.tf", allResources)
	w.Init()
	printed := w.Apply() + w.Plan("-detailed-exitcode") + w.Destroy()

	links := env.Sim.Count(mdesim.OpResultLink)
	if links == 0 || env.Sim.Count(mdesim.OpDownloadResult) == 0 {
		t.Fatal("no result was fetched, so there was nothing to leak")
	}
	log := w.Log()
	if !strings.Contains(log, "runliveresponse") {
		t.Fatal("the trace does not speak of the API's calls")
	}
	secrets := map[string]string{
		"the client secret":     regexp.QuoteMeta(env.Sim.ClientSecret()),
		"a token":               `eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`,
		"a bearer header":       `(?i)bearer [A-Za-z0-9]`,
		"a SAS signature":       `sig(=|%3D)[A-Za-z0-9%]`,
		"the script's output":   scriptOutput,
		"the script's contents": `Write-Output 'hello'`,
	}
	for what, pattern := range secrets {
		if at := regexp.MustCompile(pattern).FindStringIndex(log); at != nil {
			t.Errorf("the log holds %s: …%s…", what, log[max(0, at[0]-200):min(len(log), at[1]+40)])
		}
		if what != "the script's contents" && regexp.MustCompile(pattern).MatchString(printed) {
			t.Errorf("the output holds %s", what)
		}
	}
}
