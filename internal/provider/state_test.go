package provider_test

import (
	"slices"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// TestAccState_ofTheFirstRelease reads a state that the first release wrote. The
// plan must be empty, and no apply may write to the tenant. That of a run has a
// test beside its resource.
func TestAccState_ofTheFirstRelease(t *testing.T) {
	t.Parallel()
	tenant, err := mdesim.DecodeSeed([]byte(read(t, "testdata/state-v1.tenant.json")))
	if err != nil {
		t.Fatal(err)
	}
	env, w := acctest.Tenant(t, mdesim.Options{Seed: tenant}), acctest.Workspace(t)
	w.Use(env)
	w.Write("main.tf", read(t, "testdata/state-v1.tf"))
	w.Write("collect.sh", "echo collected\n")
	w.Write("terraform.tfstate", read(t, "testdata/state-v1.tfstate"))
	w.Init()
	w.Plan("-detailed-exitcode")
	w.Apply()
	w.Plan("-detailed-exitcode")
	reads := []mdesim.Op{mdesim.OpListIndicators, mdesim.OpGetIndicator, mdesim.OpListLibraryFiles}
	for _, call := range env.Sim.Journal() {
		if !slices.Contains(reads, call.Op) {
			t.Errorf("the tenant was asked to %s", call.Op)
		}
	}
	w.Destroy()
	checkEmpty(t, env.Sim)
}
