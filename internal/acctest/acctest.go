// Package acctest is the harness of the acceptance tests: every test gets a
// simulated tenant of its own and the provider that talks to it. Only tests
// import it.
package acctest

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
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

// ProviderConfig is the provider block of the tenant, without quotas of the
// provider's own so that only the simulator's limits count.
func (e *Env) ProviderConfig() string {
	return e.ProviderConfigWith("")
}

// ProviderConfigWith is ProviderConfig with further settings in the block.
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
		"mde": providerserver.NewProtocol6WithError(provider.New("test")()),
	}
}
