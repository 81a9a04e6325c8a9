package machine_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const (
	address = "data.mde_machine.test"
	oldID   = "0123456789abcdef0123456789abcdef01234567"
)

func config(env *acctest.Env, body string) string {
	return env.ProviderConfig() + "data \"mde_machine\" \"test\" {\n  " + body + "\n}\n"
}

func test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: steps})
}

func value(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), want)
}

func TestAccMachine_byID(t *testing.T) {
	t.Parallel()
	env := acctest.Tenant(t, mdesim.Options{})
	seen := env.Sim.Now().Truncate(time.Second)
	env.Sim.SeedMachines(mdesim.Machine{
		ID: oldID, ComputerDNSName: "server-01.contoso.com", HealthStatus: "Inactive", LastSeen: seen, OSPlatform: "WindowsServer2022",
		OSBuild: 20348, MachineTags: []string{"tier0", "dc"}, RBACGroupName: "Servers",
	})
	test(t, resource.TestStep{
		Config: config(env, `id = "`+oldID+`"`),
		ConfigStateChecks: []statecheck.StateCheck{
			value("computer_dns_name", knownvalue.StringExact("server-01.contoso.com")),
			value("health_status", knownvalue.StringExact("Inactive")),
			value("last_seen", knownvalue.StringExact(seen.UTC().Format(time.RFC3339))),
			value("os_platform", knownvalue.StringExact("WindowsServer2022")),
			value("os_build", knownvalue.Int64Exact(20348)),
			value("rbac_group_name", knownvalue.StringExact("Servers")),
			value("machine_tags", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("dc"), knownvalue.StringExact("tier0")})),
		},
	})
}

func TestAccMachine_byName(t *testing.T) {
	t.Parallel()
	env := acctest.Tenant(t, mdesim.Options{})
	env.Sim.SeedMachines(mdesim.Machine{ID: oldID, ComputerDNSName: "desktop-01.contoso.com", HealthStatus: "Inactive"})
	test(t, resource.TestStep{
		Config: config(env, `computer_dns_name = "Desktop-01.Contoso.com"`),
		ConfigStateChecks: []statecheck.StateCheck{
			value("id", knownvalue.StringExact(mdesim.DefaultMachineID)),
			value("computer_dns_name", knownvalue.StringExact("Desktop-01.Contoso.com")),
		},
	})
}

func TestAccMachine_notFound(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]mdesim.Options{"empty list": {}, "404": {NoMachines404: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.Tenant(t, options)
			test(t,
				resource.TestStep{Config: config(env, `computer_dns_name = "gone"`), ExpectError: regexp.MustCompile(`no machine has the name\s+"gone"`)},
				resource.TestStep{Config: config(env, `id = "`+oldID+`"`), ExpectError: regexp.MustCompile(`(?s)Could not read machine.*404`)},
			)
		})
	}
}

func TestAccMachine_ambiguousNameListsTheMachines(t *testing.T) {
	t.Parallel()
	env := acctest.Tenant(t, mdesim.Options{})
	seen := env.Sim.Now()
	env.Sim.SeedMachines(
		mdesim.Machine{ID: oldID, ComputerDNSName: "twin", HealthStatus: "Inactive", LastSeen: seen},
		mdesim.Machine{ID: "f" + oldID[1:], ComputerDNSName: "twin", HealthStatus: "NoSensorData", LastSeen: seen},
	)
	test(t, resource.TestStep{Config: config(env, `computer_dns_name = "twin"`), ExpectError: regexp.MustCompile(`(?s)several machines.*` + oldID)})
}

func TestAccMachine_badInput(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                        `(?s)Missing Attribute Configuration`,
		`id = "1234"`:             `40\s+hexadecimal\s+digits`,
		`computer_dns_name = " "`: `must be a DNS name`,
		`id = "` + oldID + `"` + "\n" + `computer_dns_name = "a"`: `Invalid Attribute Combination`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			env := acctest.Tenant(t, mdesim.Options{})
			test(t, resource.TestStep{Config: config(env, body), ExpectError: regexp.MustCompile(want)})
		})
	}
}

func TestAccMachine_deniedPermissionIsNamed(t *testing.T) {
	t.Parallel()
	env := acctest.Tenant(t, mdesim.Options{Roles: []string{"Library.Manage"}})
	test(t, resource.TestStep{Config: config(env, `id = "`+oldID+`"`), ExpectError: regexp.MustCompile(`Machine\.Read\.All\s+or\s+Machine\.ReadWrite\.All`)})
}
