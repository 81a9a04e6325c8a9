package acctest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// TestAccWorkspace_signals ends an apply that waits for a run in the three ways
// in which one can end early.
func TestAccWorkspace_signals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  func(*acctest.Process)
		want string
	}{
		"interrupted":     {(*acctest.Process).Interrupt, "Interrupt received"},
		"provider killed": {(*acctest.Process).KillProvider, "Error: "},
		"killed":          {(*acctest.Process).Kill, "Creating..."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.Tenant(t, mdesim.Options{Timing: mdesim.Timing{Start: time.Hour}})
			w := acctest.Workspace(t)
			w.Use(env)
			w.Write("main.tf", `
resource "mde_live_response_run" "this" {
  machine_id = "`+mdesim.DefaultMachineID+`"
  comment    = "waits"
  commands   = [{ type = "GetFile", path = "C:\\file" }]
}
`)
			w.Init()
			apply := w.Start("apply", "-auto-approve", "-no-color")
			acctest.Eventually(t, "the run", func() bool { return env.Sim.Count(mdesim.OpRunLiveResponse) > 0 })
			test.end(apply)
			output, _ := apply.Wait() // How it ends is not the harness's business.
			if !strings.Contains(output, test.want) {
				t.Errorf("the output does not hold %q:\n%s", test.want, output)
			}
		})
	}
}
