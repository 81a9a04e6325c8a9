package liveresponse_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// workspace is a folder with a run on a device that is off: it goes on for as
// long as the test wants.
func workspace(t *testing.T, commands, more string) (*acctest.Env, *acctest.Folder) {
	t.Helper()
	folder := acctest.Workspace(t)
	env := tenant(t, mdesim.Options{})
	env.Sim.SetOffline(mdesim.DefaultMachineID, true)
	folder.Write("main.tf", run(env, commands, more)+`
output "status" {
  value = mde_live_response_run.test.status
}
`)
	folder.Init()
	return env, folder
}

// started waits until the service has accepted the run.
func started(t *testing.T, env *acctest.Env) {
	t.Helper()
	acctest.Eventually(t, "the start", func() bool { return len(env.Sim.MachineActions()) > 0 })
}

// once fails unless one action was started and its script ran once.
func once(t *testing.T, env *acctest.Env) {
	t.Helper()
	if n := len(env.Sim.MachineActions()); n != 1 {
		t.Errorf("%d actions were started", n)
	}
	if n := len(env.Sim.Executed()); n != 1 {
		t.Errorf("%d commands were executed", n)
	}
}

func expect(t *testing.T, output string, texts ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(strings.NewReplacer("│", " ", "|", " ").Replace(output)), " ")
	for _, text := range texts {
		if !strings.Contains(flat, text) {
			t.Errorf("the output lacks %q:\n%s", text, output)
		}
	}
}

func TestAccRun_interruptedApplyGoesOnWaiting(t *testing.T) {
	t.Parallel()
	env, folder := workspace(t, collect, "")
	apply := folder.Start("apply", "-auto-approve", "-input=false", "-no-color")
	started(t, env)
	acctest.Eventually(t, "the wait", func() bool { return env.Sim.Count(mdesim.OpGetMachineAction) > 0 })
	apply.Interrupt()
	output, _ := apply.Wait() // Terraform fails because of the interruption. Nothing else ends it.
	expect(t, output, "Warning: Live response run not finished", "goes on waiting for it and starts nothing")
	if strings.Contains(folder.Run("show", "-no-color"), "tainted") {
		t.Error("the interrupted run is tainted")
	}
	expect(t, folder.Plan(), "will be updated in-place")
	env.Sim.SetOffline(mdesim.DefaultMachineID, false)
	expect(t, folder.Apply(), `status = "Succeeded"`)
	expect(t, folder.Plan(), "No changes.")
	once(t, env)
}

func TestAccRun_killedApplyIsTakenOver(t *testing.T) {
	t.Parallel()
	for name, kill := range map[string]func(*acctest.Process){
		"terraform and provider": (*acctest.Process).Kill,
		"provider": func(p *acctest.Process) {
			p.KillProvider()
			_, _ = p.Wait() // It fails, which is the point.
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, folder := workspace(t, collect, "")
			apply := folder.Start("apply", "-auto-approve", "-input=false", "-no-color", "-lock=false")
			started(t, env)
			kill(apply)
			expect(t, folder.Plan("-lock=false"), "An earlier live response run will be taken over", env.Sim.MachineActions()[0].ID, "change triggers")
			env.Sim.SetOffline(mdesim.DefaultMachineID, false)
			expect(t, folder.Apply("-lock=false"), "An earlier live response run was taken over", `status = "Succeeded"`)
			expect(t, folder.Plan("-lock=false"), "No changes.")
			once(t, env)
		})
	}
}

// The same for a run that is done again.
func TestAccRun_killedUpdateIsTakenOver(t *testing.T) {
	t.Parallel()
	env, folder := workspace(t, collect, "")
	env.Sim.SetOffline(mdesim.DefaultMachineID, false)
	folder.Apply()
	env.Sim.SetOffline(mdesim.DefaultMachineID, true)
	folder.Write("main.tf", run(env, collect, "triggers = { again = 1 }"))
	apply := folder.Start("apply", "-auto-approve", "-input=false", "-no-color", "-lock=false")
	acctest.Eventually(t, "the second start", func() bool { return len(env.Sim.MachineActions()) == 2 })
	apply.Kill()
	env.Sim.SetOffline(mdesim.DefaultMachineID, false)
	expect(t, folder.Apply("-lock=false"), "An earlier live response run was taken over")
	expect(t, folder.Plan("-lock=false"), "No changes.")
	if actions, executed := len(env.Sim.MachineActions()), len(env.Sim.Executed()); actions != 2 || executed != 2 {
		t.Errorf("%d actions were started and %d commands executed", actions, executed)
	}
}

// A tainted run that still goes on is cancelled before the next one starts.
func TestAccRun_replacedRunIsCancelledFirst(t *testing.T) {
	t.Parallel()
	env, folder := workspace(t, collect, "wait_for_completion = false")
	folder.Apply()
	folder.Apply("-replace=" + address)
	actions := env.Sim.MachineActions()
	if len(actions) != 2 || actions[0].Status != "Cancelled" || actions[1].Status != "Pending" {
		t.Errorf("the actions are %+v", actions)
	}
	folder.Destroy()
}

// insensitive takes the attributes that are marked as sensitive out of what
// terraform show prints.
func insensitive(t *testing.T, text string) string {
	t.Helper()
	var document any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	strip(document)
	rest, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return string(rest)
}

func strip(node any) {
	switch node := node.(type) {
	case map[string]any:
		for _, sensitive := range []string{"result_urls", "output", "error_output", "access_token"} {
			delete(node, sensitive)
		}
		for _, child := range node {
			strip(child)
		}
	case []any:
		for _, child := range node {
			strip(child)
		}
	}
}

// Signatures and script output stay where they are marked as sensitive.
func TestAccRun_noSecretLeaks(t *testing.T) {
	t.Parallel()
	env, folder := workspace(t, `[{ type = "RunScript", script_name = "collect.ps1" }, { type = "GetFile", path = "C:\\Temp\\out.txt" }]`, "")
	env.Sim.SetScript("collect.ps1", mdesim.ScriptResult{Output: "output-of-the-script"})
	env.Sim.SetScript("broken.ps1", mdesim.ScriptResult{ExitCode: 3, Output: "output-of-the-script"})
	env.Sim.SetOffline(mdesim.DefaultMachineID, false)
	printed := folder.Apply()
	printed += folder.Plan("-out=again.tfplan")
	printed += folder.Run("show", "-no-color")
	state, plan := insensitive(t, folder.Run("show", "-json")), insensitive(t, folder.Run("show", "-json", "again.tfplan"))
	folder.Write("main.tf", run(env, fails, ""))
	printed += folder.RunError("apply", "-auto-approve", "-input=false", "-no-color")
	printed += folder.Destroy()
	// A masked signature reads sig=***.
	secrets := regexp.MustCompile(`sig=[^*\s]+|output-of-the-script|` + regexp.QuoteMeta(env.Sim.AccessToken()))
	for where, text := range map[string]string{"output": printed, "log": folder.Log(), "state": state, "plan": plan} {
		if found := secrets.FindString(text); found != "" {
			t.Errorf("the %s holds %q", where, found)
		}
	}
}
