package liveresponse_test

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// testEphemeral is test with the echo provider, which puts into the state what
// it is given.
func testEphemeral(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	factories := acctest.Factories()
	factories["echo"] = func() (tfprotov6.ProviderServer, error) { return echoprovider.NewProviderServer()() }
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_10_0)},
		ProtoV6ProviderFactories: factories,
		Steps:                    steps,
	})
}

// opened is a configuration that opens the result of a command.
func opened(id, more string) string {
	return fmt.Sprintf(`
ephemeral "mde_live_response_result" "test" {
  action_id = %s
  %s
}

provider "echo" {
  data = ephemeral.mde_live_response_result.test
}

resource "echo" "test" {}
`, id, more)
}

func echoed(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data").AtMapKey(name), want)
}

const evidence = `[{ type = "PutFile", file_name = "tool.zip" }, { type = "RunScript", script_name = "collect.ps1" }, { type = "GetFile", path = "C:\\Temp\\out.txt" }]`

func TestAccResult(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	config := run(env, evidence, "")
	link := knownvalue.StringRegexp(regexp.MustCompile(`sig=`))
	testEphemeral(t,
		resource.TestStep{
			Config: config + opened(address+".id", "index = 1"),
			ConfigStateChecks: []statecheck.StateCheck{
				echoed("url", link), echoed("exit_code", knownvalue.Int64Exact(0)), echoed("output", knownvalue.StringExact("collected\n")),
				echoed("error_output", knownvalue.StringExact("a note\n")), echoed("content_base64", knownvalue.Null()),
			},
		},
		resource.TestStep{
			// The links that the state holds have expired by now.
			PreConfig: func() { env.Sim.Advance(time.Hour) },
			Config:    config + opened(address+".id", "index = 2"),
		},
	)
}

func TestAccResult_collectedFile(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	testEphemeral(t, resource.TestStep{
		Config: run(env, evidence, "") + opened(address+".id", "index = 2"),
		ConfigStateChecks: []statecheck.StateCheck{
			echoed("content_base64", knownvalue.StringExact(base64.StdEncoding.EncodeToString([]byte("evidence")))),
			echoed("exit_code", knownvalue.Null()), echoed("output", knownvalue.Null()), echoed("error_output", knownvalue.Null()),
		},
	})
}

func TestAccResult_thereIsNone(t *testing.T) {
	t.Parallel()
	const scan, pending = "11111111-2222-3333-4444-555555555555", "22222222-2222-3333-4444-555555555555"
	for name, test := range map[string]struct{ id, more, want string }{
		"a PutFile leaves none":  {address + ".id", "", `(?s)PutFile of\s+action .* has left\s+none`},
		"no such command":        {address + ".id", "index = 3", `(?s)no\s+command\s+with\s+the\s+index\s+3`},
		"not ended":              {`"` + pending + `"`, "", `(?s)has\s+not\s+ended:\s+it\s+is\s+Pending`},
		"no live response":       {`"` + scan + `"`, "", `(?s)is\s+a\s+RunAntiVirusScan`},
		"unknown to the service": {`"33333333-2222-3333-4444-555555555555"`, "", `(?s)Could not read live response run.*404`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := tenant(t, mdesim.Options{})
			env.Sim.SeedMachineActions(
				mdesim.MachineAction{ID: scan, Type: "RunAntiVirusScan", MachineID: otherDevice},
				mdesim.MachineAction{ID: pending, Type: "LiveResponse", MachineID: otherDevice, Status: "Pending"},
			)
			config := run(env, evidence, "")
			testEphemeral(t, resource.TestStep{Config: config}, resource.TestStep{Config: config + opened(test.id, test.more), ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

func TestAccResult_badInput(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	testEphemeral(t,
		resource.TestStep{Config: env.ProviderConfig() + opened(`"1"`, ""), ExpectError: regexp.MustCompile(`must be\s+the id of a\s+machine\s+action`)},
		resource.TestStep{Config: env.ProviderConfig() + opened(`"11111111-2222-3333-4444-555555555555"`, "index = -1"), ExpectError: regexp.MustCompile(`must be\s+at\s+least\s+0`)},
	)
}

// Whatever is opened leaves nothing behind: not in the state, not in a plan
// file, not in the log, not on the screen.
func TestAccResult_leavesNoTrace(t *testing.T) {
	t.Parallel()
	env, folder := workspace(t, `[{ type = "GetFile", path = "C:\\Temp\\out.txt" }]`, "")
	env.Sim.SetOffline(mdesim.DefaultMachineID, false)
	folder.Write("result.tf", `
ephemeral "mde_live_response_result" "test" {
  action_id = mde_live_response_run.test.id
}

resource "terraform_data" "use" {
  triggers_replace = mde_live_response_run.test.id
  provisioner "local-exec" {
    command     = "printf %s \"$CONTENT\" | base64 -d > collected"
    environment = { CONTENT = ephemeral.mde_live_response_result.test.content_base64 }
  }
}
`)
	env.Sim.SetDeviceFile(mdesim.DefaultMachineID, collected, []byte("evidence-of-the-case"))
	printed := folder.Apply()
	if got := folder.Read("collected"); got != "evidence-of-the-case" {
		t.Errorf("the provisioner got %q", got)
	}
	printed += folder.Plan("-out=again.tfplan")
	printed += folder.Run("show", "-json", "again.tfplan")
	content := base64.StdEncoding.EncodeToString([]byte("evidence-of-the-case"))
	secret := regexp.MustCompile(regexp.QuoteMeta(content) + "|evidence-of-the-case")
	for where, text := range map[string]string{"output": printed, "state": folder.Read("terraform.tfstate"), "log": folder.Log()} {
		if found := secret.FindString(text); found != "" {
			t.Errorf("the %s holds %q", where, found)
		}
	}
}
