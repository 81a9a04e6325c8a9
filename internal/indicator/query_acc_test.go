package indicator_test

import (
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

// TestAccIndicatorQuery has terraform query find what Terraform has made among
// what others made.
func TestAccIndicatorQuery(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	foreign := n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "portal.example", Title: "INC-1"}, mdesim.Indicator{IndicatorValue: "else.example"})
	inTenant := knownvalue.StringExact(n.Sim.TenantID())
	portal := map[string]knownvalue.Check{"id": knownvalue.StringExact(foreign[0]), "tenant_id": inTenant}
	query := func(config string, checks ...querycheck.QueryResultCheck) resource.TestStep {
		return resource.TestStep{
			Query: true, QueryResultChecks: checks,
			Config: "list \"mde_indicator\" \"test\" {\n  provider = mde\n  include_resource = true\n  config {\n" + config + "\n  }\n}\n",
		}
	}
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			{Config: n.config(body("Block", "d"))},
			query("",
				querycheck.ExpectLength("mde_indicator.test", 3),
				querycheck.ExpectIdentity("mde_indicator.test", portal),
				querycheck.ExpectIdentity("mde_indicator.test", map[string]knownvalue.Check{"id": knownvalue.NotNull(), "tenant_id": inTenant})),
			query(`title_prefix = "INC-"`,
				querycheck.ExpectLength("mde_indicator.test", 1),
				querycheck.ExpectResourceDisplayName("mde_indicator.test", queryfilter.ByResourceIdentity(portal), knownvalue.StringExact("DomainName portal.example (Block): INC-1")),
				querycheck.ExpectResourceKnownValues("mde_indicator.test", queryfilter.ByResourceIdentity(portal), []querycheck.KnownValueCheck{
					{Path: tfjsonpath.New("indicator_value"), KnownValue: knownvalue.StringExact("portal.example")},
					{Path: tfjsonpath.New("application"), KnownValue: knownvalue.Null()},
					{Path: tfjsonpath.New("generate_alert"), KnownValue: knownvalue.Null()},
				})),
			query(`action = "Allowed"`, querycheck.ExpectLength("mde_indicator.test", 0)),
		},
	})
}

// TestAccAdopt_query follows the guide's way by terraform query.
func TestAccAdopt_query(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]mdesim.Options{"as recorded": {}, "empty texts": {EmptyStrings: true, ModerniseActions: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, options)
			n.handMade()
			w := n.adopter()
			w.Needs(14, acctest.NoOpenTofu)
			w.Write("all.tfquery.hcl", "list \"mde_indicator\" \"all\" {\n  provider = mde\n  limit    = 15000\n}\n")
			w.Run("query", "-generate-config-out=adopted.tf")
			n.imports(w)
		})
	}
}
