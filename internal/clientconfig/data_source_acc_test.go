package clientconfig_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func TestAccClientConfig(t *testing.T) {
	t.Parallel()
	words := func(words ...string) knownvalue.Check {
		checks := make([]knownvalue.Check, len(words))
		for i, word := range words {
			checks[i] = knownvalue.StringExact(word)
		}
		return knownvalue.ListExact(checks)
	}
	null := knownvalue.Null()
	for name, tt := range map[string]struct {
		options                mdesim.Options
		tenant, client, expiry knownvalue.Check
		roles                  knownvalue.Check
	}{
		"readable": {
			mdesim.Options{},
			knownvalue.StringExact(mdesim.DefaultTenantID), knownvalue.StringExact(mdesim.DefaultClientID), knownvalue.StringRegexp(regexp.MustCompile(`^20\d\d-.*Z$`)),
			words("Library.Manage", "Machine.LiveResponse", "Machine.Read.All", "Ti.ReadWrite.All"),
		},
		"opaque": {mdesim.Options{OpaqueToken: true}, null, null, null, words()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.Tenant(t, tt.options)
			expect := func(attribute string, want knownvalue.Check) statecheck.StateCheck {
				return statecheck.ExpectKnownValue("data.mde_client_config.this", tfjsonpath.New(attribute), want)
			}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps: []resource.TestStep{{
					Config: env.ProviderConfig() + `data "mde_client_config" "this" {}`,
					ConfigStateChecks: []statecheck.StateCheck{
						expect("tenant_id", tt.tenant), expect("client_id", tt.client), expect("token_expiry", tt.expiry),
						expect("sign_in_method", knownvalue.StringExact("access_token")), expect("endpoint", knownvalue.StringExact(env.Sim.URL())),
						expect("roles", tt.roles), expect("scopes", words()),
					},
				}},
			})
			if calls := len(env.Sim.Journal()); calls != 0 {
				t.Errorf("%d calls were made", calls)
			}
		})
	}
}
