// Package acctest is the harness of the acceptance tests: every test gets a
// simulated tenant of its own and the provider that talks to it. Only tests
// import it.
package acctest

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
	"github.com/mde-as-code/terraform-provider-mde/internal/provider"
)

// Env is one simulated tenant.
type Env struct {
	Sim *mdesim.Server
}

// Tenant starts a simulated tenant that ends with the test.
func Tenant(t *testing.T, options mdesim.Options) *Env {
	t.Helper()
	sim, err := mdesim.Start(options)
	if err != nil {
		t.Fatalf("starting the simulator: %v", err)
	}
	t.Cleanup(sim.Close)
	return &Env{Sim: sim}
}

// ProviderConfig is the provider block of the tenant, with quotas of the
// provider's own that no test reaches: only the simulator's limits count.
func (e *Env) ProviderConfig() string {
	return e.ProviderConfigWith(`rate_limits = {
    requests_per_minute           = 1000000
    requests_per_hour             = 1000000
    imports_per_minute            = 1000000
    live_response_runs_per_minute = 1000000
  }`)
}

// ProviderConfigWith is the provider block of the tenant with further settings
// and, unless they say otherwise, the documented quotas.
func (e *Env) ProviderConfigWith(settings string) string {
	return fmt.Sprintf(`
provider "mde" {
  endpoint     = %q
  access_token = %q
  %s
}
`, e.Sim.URL(), e.Sim.AccessToken(), settings)
}

// Factories serve the provider to the test framework.
func Factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"mde": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test")(), nil },
	}
}
