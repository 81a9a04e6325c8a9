package liveresponse_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// restart replaces the simulator by one that goes on with its state at the same
// address, after a time in which nobody answers there.
func restart(t *testing.T, env *acctest.Env, options mdesim.Options) {
	t.Helper()
	state, err := env.Sim.Save()
	if err != nil {
		t.Fatal(err)
	}
	options.Addr = strings.TrimPrefix(env.Sim.URL(), "http://")
	env.Sim.Close()
	<-time.After(time.Second)
	if env.Sim, err = mdesim.Start(options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(env.Sim.Close)
	if err := env.Sim.Load(state); err != nil {
		t.Fatal(err)
	}
}

// The service is away for a moment while an apply waits, or between one that
// was killed and the next.
func TestAccRun_serviceRestarts(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*acctest.Process){"while waiting": nil, "after a kill": (*acctest.Process).Kill} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, folder := workspace(t, collect, "")
			apply := folder.Start("apply", "-auto-approve", "-input=false", "-no-color", "-lock=false")
			started(t, env)
			if end != nil {
				end(apply)
			}
			restart(t, env, mdesim.Options{})
			env.Sim.SetOffline(mdesim.DefaultMachineID, false)
			if end == nil {
				output, err := apply.Wait()
				if err != nil {
					t.Fatalf("%v\n%s", err, output)
				}
			}
			expect(t, folder.Apply("-lock=false"), `status = "Succeeded"`)
			expect(t, folder.Plan("-lock=false"), "No changes.")
			once(t, env)
		})
	}
}

// A state of the first release is planned and applied without a change, and
// runs nothing: neither an addition to the schema nor an upgrade of the
// provider runs again.
func TestAccRun_stateOfTheFirstRelease(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	folder := acctest.Workspace(t)
	state, err := os.ReadFile("testdata/run-v1.tfstate")
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile("testdata/run-v1.tf")
	if err != nil {
		t.Fatal(err)
	}
	folder.Write("terraform.tfstate", string(state))
	folder.Write("main.tf", env.ProviderConfig()+string(config))
	folder.Init()
	folder.Plan("-detailed-exitcode")
	folder.Apply()
	folder.Plan("-detailed-exitcode")
	if n := env.Sim.Count(mdesim.OpRunLiveResponse); n != 0 {
		t.Errorf("%d runs were started", n)
	}
}
