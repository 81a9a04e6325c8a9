package libraryfile_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// TestAccAdopt imports a library as the guide says: each file is an update that
// records its source and makes no call.
func TestAccAdopt(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../templates/guides/adopting-an-existing-tenant.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	env, w := acctest.Tenant(t, mdesim.Options{}), acctest.Workspace(t)
	w.Use(env)
	w.Write("main.tf", blocks[len(blocks)-1][1])
	for i := range 20 {
		name, content := fmt.Sprintf("Script-%d.sh", i), fmt.Sprintf("echo %d\n", i)
		w.Write("library/"+name, content)
		env.Sim.SeedLibraryFile(name, []byte(content), func(f *mdesim.LibraryFile) {
			if i%2 == 0 {
				f.Description = "Made by hand."
			}
			if i%3 == 0 {
				f.HasParameters, f.ParametersDescription = true, "-Case ID"
			}
		})
	}
	w.Init()
	if plan := w.Plan(); !strings.Contains(plan, "Plan: 20 to import, 0 to add, 20 to change, 0 to destroy.") || strings.Contains(plan, "~ sha256") {
		t.Fatal(plan)
	}
	w.Apply()
	w.Plan("-detailed-exitcode")
	if calls := env.Sim.Count(mdesim.OpUploadLibraryFile, mdesim.OpDeleteLibraryFile); calls != 0 {
		t.Errorf("%d writes reached the service", calls)
	}
}
