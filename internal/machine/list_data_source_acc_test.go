package machine_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// id is the machine id that is made of one digit.
func id(digit string) string { return strings.Repeat(digit, 40) }

func machines(env *acctest.Env, body string) string {
	return env.ProviderConfig() + "data \"mde_machines\" \"test\" {\n  " + body + "\n}\n"
}

func TestAccMachines_conditions(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		``:                               {mdesim.DefaultMachineID, id("a"), id("b"), id("c")},
		`tag = "tier0"`:                  {id("a"), id("b")},
		`tag = "O'Neil"`:                 {id("c")},
		`name_prefix = "FIN-"`:           {id("a"), id("c")},
		`health_status = "Inactive"`:     {id("b")},
		`os_platform = "Windows11"`:      {id("c")},
		`rbac_group_name = "finance"`:    {id("a"), id("b")},
		`filter = "riskScore eq 'High'"`: {id("b"), id("c")},
		`filter = "riskScore eq 'High' or riskScore eq 'Low'"` + "\n" + `health_status = "Active"`: {id("a"), id("c")},
		`tag = "tier0"` + "\n" + `name_prefix = "fin-"`:                                            {id("a")},
		`tag = "none"`: {},
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			env := acctest.Tenant(t, mdesim.Options{})
			env.Sim.SeedMachines(
				mdesim.Machine{ID: id("a"), ComputerDNSName: "fin-1.contoso.com", HealthStatus: "Active", MachineTags: []string{"tier0", "x"}, RBACGroupName: "Finance", RiskScore: "Low", OSPlatform: "Windows10"},
				mdesim.Machine{ID: id("b"), ComputerDNSName: "srv-1.contoso.com", HealthStatus: "Inactive", MachineTags: []string{"tier0"}, RBACGroupName: "Finance", RiskScore: "High", OSPlatform: "Windows10"},
				mdesim.Machine{ID: id("c"), ComputerDNSName: "Fin-2.contoso.com", HealthStatus: "Active", MachineTags: []string{"O'Neil"}, RiskScore: "High", OSPlatform: "Windows11"},
			)
			ids := make([]knownvalue.Check, len(want))
			for i, id := range want {
				ids[i] = knownvalue.StringExact(id)
			}
			test(t, resource.TestStep{
				Config: machines(env, body),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.mde_machines.test", tfjsonpath.New("ids"), knownvalue.ListExact(ids)),
					statecheck.ExpectKnownValue("data.mde_machines.test", tfjsonpath.New("machines"), knownvalue.MapSizeExact(len(want))),
				},
			})
		})
	}
}

func TestAccMachines_describesEach(t *testing.T) {
	t.Parallel()
	env := acctest.Tenant(t, mdesim.Options{PageSize: 1})
	env.Sim.SeedMachines(mdesim.Machine{ID: id("a"), ComputerDNSName: "fin-1.contoso.com", HealthStatus: "Active", MachineTags: []string{"tier0"}})
	one := tfjsonpath.New("machines").AtMapKey(id("a"))
	test(t, resource.TestStep{
		Config: machines(env, ""),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.mde_machines.test", one.AtMapKey("computer_dns_name"), knownvalue.StringExact("fin-1.contoso.com")),
			statecheck.ExpectKnownValue("data.mde_machines.test", one.AtMapKey("machine_tags"), knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("tier0")})),
			statecheck.ExpectKnownValue("data.mde_machines.test", one.AtMapKey("rbac_group_name"), knownvalue.Null()),
		},
	})
}

func TestAccMachines_refusals(t *testing.T) {
	t.Parallel()
	test := func(t *testing.T, options mdesim.Options, body, want string) {
		t.Helper()
		env := acctest.Tenant(t, options)
		test(t, resource.TestStep{Config: machines(env, body), ExpectError: regexp.MustCompile(want)})
	}
	test(t, mdesim.Options{}, `filter = "managedBy eq 'Intune'"`, `(?s)Could not list machines.*managedBy`)
	test(t, mdesim.Options{}, `tag = ""`, `string length must be at least 1`)
	test(t, mdesim.Options{Roles: []string{"Library.Manage"}}, ``, `Machine\.Read\.All\s+or\s+Machine\.ReadWrite\.All`)
}

// A fleet is fanned out over what the data source finds.
func TestAccMachines_forEach(t *testing.T) {
	t.Parallel()
	env := acctest.Tenant(t, mdesim.Options{NoMachines404: true})
	for _, digit := range []string{"a", "b"} {
		env.Sim.SeedMachines(mdesim.Machine{ID: id(digit), ComputerDNSName: "fin-" + digit, HealthStatus: "Active", MachineTags: []string{"fleet"}})
		env.Sim.SetDeviceFile(id(digit), `C:\x`, []byte("x"))
	}
	fan := func(tag string) string {
		return machines(env, `tag = "`+tag+`"`) + `
resource "mde_live_response_run" "each" {
  for_each   = toset(data.mde_machines.test.ids)
  machine_id = each.value
  comment    = "INC-1"
  commands   = [{ type = "GetFile", path = "C:\\x" }]
}
`
	}
	folder := acctest.Workspace(t)
	folder.Write("main.tf", fan("nobody"))
	folder.Init()
	folder.Apply()
	folder.Write("main.tf", fan("fleet"))
	folder.Apply()
	folder.Plan("-detailed-exitcode")
	if got := len(env.Sim.Executed()); got != 2 {
		t.Errorf("%d commands ran, want 2", got)
	}
}

func TestAccMachineAction(t *testing.T) {
	t.Parallel()
	env := acctest.Tenant(t, mdesim.Options{})
	created := env.Sim.Now().Add(-time.Hour).Truncate(time.Second)
	const scan = "11111111-2222-3333-4444-555555555555"
	env.Sim.SeedMachineActions(
		mdesim.MachineAction{ID: scan, Type: "RunAntiVirusScan", MachineID: mdesim.DefaultMachineID, RequestorComment: "scan", CreationDateTimeUTC: created, Status: "Succeeded"},
	)
	env.Sim.SetDeviceFile(mdesim.DefaultMachineID, `C:\x`, []byte("x"))
	value := func(path tfjsonpath.Path, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.mde_machine_action.test", path, want)
	}
	command := tfjsonpath.New("commands").AtSliceIndex(0)
	test(t,
		resource.TestStep{
			Config: action(env, `"`+scan+`"`),
			ConfigStateChecks: []statecheck.StateCheck{
				value(tfjsonpath.New("type"), knownvalue.StringExact("RunAntiVirusScan")),
				value(tfjsonpath.New("status"), knownvalue.StringExact("Succeeded")),
				value(tfjsonpath.New("done"), knownvalue.Bool(true)),
				value(tfjsonpath.New("machine_id"), knownvalue.StringExact(mdesim.DefaultMachineID)),
				value(tfjsonpath.New("requestor_comment"), knownvalue.StringExact("scan")),
				value(tfjsonpath.New("creation_time"), knownvalue.StringExact(created.UTC().Format(time.RFC3339))),
				value(tfjsonpath.New("cancellation_requestor"), knownvalue.Null()),
				value(tfjsonpath.New("cancellation_time"), knownvalue.Null()),
				value(tfjsonpath.New("error_hresult"), knownvalue.Int64Exact(0)),
				value(tfjsonpath.New("commands"), knownvalue.ListSizeExact(0)),
			},
		},
		resource.TestStep{
			Config: action(env, "mde_live_response_run.run.id") + `
resource "mde_live_response_run" "run" {
  machine_id = "` + mdesim.DefaultMachineID + `"
  comment    = "INC-1"
  commands   = [{ type = "GetFile", path = "C:\\x" }]
}
`,
			ConfigStateChecks: []statecheck.StateCheck{
				value(tfjsonpath.New("type"), knownvalue.StringExact("LiveResponse")),
				value(command.AtMapKey("index"), knownvalue.Int64Exact(0)),
				value(command.AtMapKey("type"), knownvalue.StringExact("GetFile")),
				value(command.AtMapKey("params"), knownvalue.MapExact(map[string]knownvalue.Check{"Path": knownvalue.StringExact(`C:\x`)})),
				value(command.AtMapKey("status"), knownvalue.StringExact("Completed")),
				value(command.AtMapKey("end_time"), knownvalue.NotNull()),
				value(command.AtMapKey("errors"), knownvalue.ListSizeExact(0)),
			},
		},
	)
}

func TestAccMachineAction_refusals(t *testing.T) {
	t.Parallel()
	env := acctest.Tenant(t, mdesim.Options{})
	test(t,
		resource.TestStep{Config: action(env, `"AAAAAAAA-2222-3333-4444-555555555555"`), ExpectError: regexp.MustCompile(`(?s)Could not read machine action.*404`)},
		resource.TestStep{Config: action(env, `"1"`), ExpectError: regexp.MustCompile(`must be the id of a machine\s+action`)},
	)
}

func action(env *acctest.Env, id string) string {
	return env.ProviderConfig() + "data \"mde_machine_action\" \"test\" {\n  id = " + id + "\n}\n"
}
