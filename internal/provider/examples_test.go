package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// TestAccExamples applies every example of the documentation as a user would
// who copies it, plans it again, imports it as its page says, and destroys it.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"resources", "data-sources", "ephemeral-resources", "functions"} {
		dirs, err := filepath.Glob(filepath.Join("../../examples", kind, "*"))
		if err != nil || len(dirs) == 0 {
			t.Fatalf("no examples of %s: %v", kind, err)
		}
		for _, dir := range dirs {
			t.Run(filepath.Base(dir), func(t *testing.T) {
				t.Parallel()
				env, w := tenantForExamples(t)
				w.Use(env)
				if kind == "ephemeral-resources" {
					w.Needs(10, 11)
				}
				w.Copy(dir)
				w.Init()
				w.Apply()
				w.Plan("-detailed-exitcode")
				importAsDocumented(t, w)
				w.Destroy()
				checkEmpty(t, env.Sim)
			})
		}
	}
}

// TestAccExampleProvider signs in as the example on the provider's page says.
func TestAccExampleProvider(t *testing.T) {
	t.Parallel()
	env, w := tenantForExamples(t)
	w.SignIn(env)
	w.Copy("../../examples/provider")
	w.Write("terraform.tf", "") // The example declares the provider itself.
	w.Write("machine.tf", `data "mde_machine" "this" { computer_dns_name = "desktop-01.contoso.com" }`)
	w.Setenv("TF_VAR_tenant_id", env.Sim.TenantID())
	w.Setenv("TF_VAR_client_id", env.Sim.ClientID())
	w.Setenv("MDE_CLIENT_SECRET", env.Sim.ClientSecret())
	w.Init()
	w.Apply()
}

// TestAccExampleReadme applies the example that the README begins with.
func TestAccExampleReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```terraform\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the README has no example")
	}
	env, w := tenantForExamples(t)
	w.Use(env)
	w.Copy("../../examples/resources/mde_library_file/scripts")
	w.Write("main.tf", example)
	w.Init()
	w.Apply()
	w.Plan("-detailed-exitcode")
	w.Destroy()
	checkEmpty(t, env.Sim)
}

// tenantForExamples is a tenant with what the examples speak of.
func tenantForExamples(t *testing.T) (*acctest.Env, *acctest.Folder) {
	t.Helper()
	env, w := acctest.Tenant(t, mdesim.Options{}), acctest.Workspace(t)
	env.Sim.SetDeviceFile(mdesim.DefaultMachineID, `C:\Windows\Temp\INC-1042.zip`, []byte("PK"))
	finance := strings.Repeat("f", 40)
	env.Sim.SeedMachines(mdesim.Machine{ID: finance, ComputerDNSName: "fin-01.contoso.com", HealthStatus: "Active", RBACGroupName: "Finance"})
	env.Sim.SetDeviceFile(finance, `C:\Windows\Temp\INC-1042.zip`, []byte("PK"))
	return env, w
}

// importAsDocumented forgets the resource that import.sh speaks of and imports
// it by that command, with the id that the object has here.
func importAsDocumented(t *testing.T, w *acctest.Folder) {
	t.Helper()
	script, err := os.ReadFile(w.Path("import.sh"))
	if os.IsNotExist(err) {
		return
	}
	command := regexp.MustCompile(`(?m)^terraform import (\S+) (\S+)$`).FindStringSubmatch(string(script))
	if err != nil || command == nil {
		t.Fatalf("import.sh holds no import command: %v", err)
	}
	address := command[1]
	id := resourceID(t, w, address)
	w.Run("state", "rm", address)
	w.Run("import", "-no-color", address, id)
	if got := resourceID(t, w, address); got != id {
		t.Errorf("imported %s as %q instead of %q", address, got, id)
	}
}

// resourceID reads the id of a resource from the state.
func resourceID(t *testing.T, w *acctest.Folder, address string) string {
	t.Helper()
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string
					Values  struct{ ID string }
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(w.Run("show", "-json")), &state); err != nil {
		t.Fatal(err)
	}
	for _, r := range state.Values.RootModule.Resources {
		if r.Address == address {
			return r.Values.ID
		}
	}
	t.Fatalf("the state holds no %s", address)
	return ""
}

// checkEmpty checks that nothing of an example is left in the tenant.
func checkEmpty(t *testing.T, sim *mdesim.Server) {
	t.Helper()
	var left []string
	for _, file := range sim.LibraryFiles() {
		left = append(left, file.FileName)
	}
	for _, indicator := range sim.Indicators() {
		left = append(left, fmt.Sprintf("%s %s", indicator.IndicatorType, indicator.IndicatorValue))
	}
	if len(left) > 0 {
		t.Errorf("left in the tenant: %s", strings.Join(left, ", "))
	}
}
