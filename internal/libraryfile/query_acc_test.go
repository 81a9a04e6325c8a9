package libraryfile_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// TestAccLibraryFileQuery has terraform query find what others have uploaded.
func TestAccLibraryFileQuery(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	l.Sim.SeedLibraryFile("portal.ps1", []byte("x"), nil)
	portal := map[string]knownvalue.Check{"file_name": knownvalue.StringExact("portal.ps1"), "tenant_id": knownvalue.StringExact(l.Sim.TenantID())}
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			{Config: l.config(`source = %q`, l.file("own.ps1", "y"))},
			{
				Query:  true,
				Config: "list \"mde_library_file\" \"test\" {\n  provider = mde\n  include_resource = true\n}\n",
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength("mde_library_file.test", 2),
					querycheck.ExpectIdentity("mde_library_file.test", portal),
					querycheck.ExpectResourceDisplayName("mde_library_file.test", queryfilter.ByResourceIdentity(portal), knownvalue.StringExact("portal.ps1")),
					querycheck.ExpectResourceKnownValues("mde_library_file.test", queryfilter.ByResourceIdentity(portal), []querycheck.KnownValueCheck{
						{Path: tfjsonpath.New("sha256"), KnownValue: knownvalue.StringExact(hash("x"))},
						{Path: tfjsonpath.New("source"), KnownValue: knownvalue.Null()},
						{Path: tfjsonpath.New("description"), KnownValue: knownvalue.Null()},
					}),
				},
			},
		},
	})
}

// TestAccAdopt_query imports a library by the configuration that terraform query
// writes, once each file has got its source.
func TestAccAdopt_query(t *testing.T) {
	t.Parallel()
	env, w := acctest.Tenant(t, mdesim.Options{}), acctest.Workspace(t)
	w.Needs(14, acctest.NoOpenTofu)
	w.Use(env)
	for i := range 3 {
		name, content := fmt.Sprintf("Script-%d.sh", i), fmt.Sprintf("echo %d\n", i)
		w.Write("library/"+name, content)
		env.Sim.SeedLibraryFile(name, []byte(content), func(f *mdesim.LibraryFile) {
			if i > 0 {
				f.Description, f.HasParameters, f.ParametersDescription = "Made by hand.", true, "-Case ID"
			}
		})
	}
	w.Write("all.tfquery.hcl", "list \"mde_library_file\" \"all\" {\n  provider = mde\n}\n")
	w.Init()
	w.Run("query", "-generate-config-out=adopted.tf")
	missing := regexp.MustCompile(`(?s)(\n  file_name += "(Script-\d\.sh)".*?\n  source +)= null\n`)
	w.Write("adopted.tf", missing.ReplaceAllString(w.Read("adopted.tf"), "${1}= \"library/${2}\"\n"))
	if plan := w.Plan(); !strings.Contains(plan, "Plan: 3 to import, 0 to add, 3 to change, 0 to destroy.") || strings.Contains(plan, "~ sha256") {
		t.Fatal(plan)
	}
	w.Apply()
	w.Plan("-detailed-exitcode")
	if calls := env.Sim.Count(mdesim.OpUploadLibraryFile, mdesim.OpDeleteLibraryFile); calls != 0 {
		t.Errorf("%d writes reached the service", calls)
	}
}
