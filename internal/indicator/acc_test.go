package indicator_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const (
	address    = "mde_indicator.test"
	sha1Hash   = "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"
	sha256Hash = "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"
	md5Hash    = "9e107d9d372bb6826bd81d3542a419d6"
)

// tenant is one test's simulated tenant.
type tenant struct {
	*acctest.Env
	t *testing.T
}

func newTenant(t *testing.T, options mdesim.Options) *tenant {
	t.Helper()
	return &tenant{Env: acctest.Tenant(t, options), t: t}
}

// newWorkspace is a folder in which Terraform can plan and apply against a tenant
// of its own.
func newWorkspace(t *testing.T, options mdesim.Options) (*acctest.Folder, *tenant) {
	t.Helper()
	f, n := acctest.Workspace(t), newTenant(t, options)
	f.Use(n.Env)
	f.Init()
	return f, n
}

// run runs the steps and checks that destroying leaves these values behind and
// nothing else.
func (n *tenant) run(left []string, steps ...resource.TestStep) {
	n.t.Helper()
	resource.Test(n.t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps:                    steps,
		CheckDestroy:             func(*terraform.State) error { return n.holds(left...) },
	})
}

// body is an indicator of a domain with an action, a description, and further
// lines.
func body(action, description string, more ...string) string {
	return fmt.Sprintf(`
  indicator_type  = "DomainName"
  indicator_value = "evil.example"
  action          = %q
  title           = "Test"
  description     = %q
`, action, description) + strings.Join(more, "\n")
}

// config is the provider and one resource of that body.
func (n *tenant) config(body string) string {
	return n.ProviderConfig() + named("test", body)
}

func named(name, body string) string {
	return fmt.Sprintf("resource \"mde_indicator\" %q {\n%s\n}\n", name, body)
}

// holds checks which records there are, as "value action description".
func (n *tenant) holds(want ...string) error {
	var got []string
	for _, i := range n.Sim.Indicators() {
		got = append(got, fmt.Sprintf("%s %s %s", i.IndicatorValue, i.Action, i.Description))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		return fmt.Errorf("the tenant holds %q instead of %q", got, want)
	}
	return nil
}

// only is a state check of which records there are.
func (n *tenant) only(want ...string) statecheck.StateCheck {
	return stateFunc(func() error { return n.holds(want...) })
}

// calls is a state check of how many writes and deletions have reached the
// service since the journal was reset.
func (n *tenant) calls(writes, deletions int) statecheck.StateCheck {
	return stateFunc(func() error {
		up, down := n.Sim.Count(mdesim.OpSubmitIndicator, mdesim.OpImportIndicators), n.Sim.Count(mdesim.OpDeleteIndicator, mdesim.OpBatchDeleteIndicators)
		if up != writes || down != deletions {
			return fmt.Errorf("%d writes and %d deletions reached the service instead of %d and %d", up, down, writes, deletions)
		}
		return nil
	})
}

type stateFunc func() error

func (f stateFunc) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = f()
}

func is(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), value)
}

func plans(action plancheck.ResourceActionType, checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: append(checks, plancheck.ExpectResourceAction(address, action))}
}

// says matches an error that holds these words, however Terraform has wrapped
// its lines.
func says(pattern string) *regexp.Regexp {
	return regexp.MustCompile("(?s)" + strings.ReplaceAll(pattern, " ", `[\s│]+`))
}
