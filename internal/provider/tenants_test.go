package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const anotherTenant = "99999999-9999-4999-8999-999999999999"

// protocol speaks to the provider as Terraform >= 1.12 does, with identities.
type protocol struct {
	tfprotov6.ProviderServer
	t          *testing.T
	schemas    map[string]*tfprotov6.Schema
	identities map[string]*tfprotov6.ResourceIdentitySchema
}

func newProtocol(t *testing.T, env *acctest.Env) *protocol {
	t.Helper()
	server, err := acctest.Factories()["mde"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	p := &protocol{ProviderServer: server, t: t, schemas: schemas.ResourceSchemas, identities: identities.IdentitySchemas}
	config := p.object(schemas.Provider.ValueType(), map[string]tftypes.Value{
		"endpoint": tftypes.NewValue(tftypes.String, env.Sim.URL()), "access_token": tftypes.NewValue(tftypes.String, env.Sim.AccessToken()),
	})
	if _, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config}); err != nil {
		t.Fatal(err)
	}
	return p
}

// object is a value in which only the given attributes are set.
func (p *protocol) object(kind tftypes.Type, set map[string]tftypes.Value) *tfprotov6.DynamicValue {
	p.t.Helper()
	object, ok := kind.(tftypes.Object)
	if !ok {
		p.t.Fatalf("%s is no object", kind)
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
		if value, ok := set[name]; ok {
			values[name] = value
		}
	}
	return p.pack(kind, values)
}

func (p *protocol) pack(kind tftypes.Type, value any) *tfprotov6.DynamicValue {
	p.t.Helper()
	packed, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, value))
	if err != nil {
		p.t.Fatal(err)
	}
	return &packed
}

// attempts reads, plans and destroys an object with that state and identity,
// and returns what each says.
func (p *protocol) attempts(typeName string, attributes, names map[string]tftypes.Value) map[string][]*tfprotov6.Diagnostic {
	p.t.Helper()
	kind := p.schemas[typeName].ValueType()
	state := p.object(kind, attributes)
	identity := &tfprotov6.ResourceIdentityData{IdentityData: p.object(p.identities[typeName].ValueType(), names)}
	read, err := p.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: state, CurrentIdentity: identity})
	if err != nil {
		p.t.Fatal(err)
	}
	planned, err := p.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{TypeName: typeName, PriorState: state, ProposedNewState: state, Config: state, PriorIdentity: identity})
	if err != nil {
		p.t.Fatal(err)
	}
	destroyed, err := p.ApplyResourceChange(p.t.Context(), &tfprotov6.ApplyResourceChangeRequest{TypeName: typeName, PriorState: state, PlannedState: p.pack(kind, nil), Config: p.pack(kind, nil), PlannedIdentity: identity})
	if err != nil {
		p.t.Fatal(err)
	}
	return map[string][]*tfprotov6.Diagnostic{"refresh": read.Diagnostics, "plan": planned.Diagnostics, "destroy": destroyed.Diagnostics}
}

// TestTenants_neverMixed meets the state of one tenant with the token of
// another: whatever is attempted is refused with both ids, before any call.
func TestTenants_neverMixed(t *testing.T) {
	t.Parallel()
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	for typeName, tt := range map[string]struct {
		name       string
		attributes map[string]tftypes.Value
	}{
		"mde_library_file": {"file_name", map[string]tftypes.Value{
			"id": text("a.ps1"), "file_name": text("a.ps1"), "content": text("Get-Date"), "sha256": text(strings.Repeat("0", 64)),
			"line_endings": text("preserve"), "override_if_exists": tftypes.NewValue(tftypes.Bool, false), "has_parameters": tftypes.NewValue(tftypes.Bool, false),
		}},
		"mde_indicator": {"id", map[string]tftypes.Value{
			"id": text("7"), "indicator_type": text("DomainName"), "indicator_value": text("phish.example"), "action": text("Block"),
			"title": text("Phishing"), "description": text("Phishing."),
		}},
		"mde_indicator_set": {"id", map[string]tftypes.Value{
			"id": text("0a"), "action": text("Block"), "title": text("Phishing"), "description": text("Phishing."),
			"indicators": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"phish.example": text("")}),
		}},
		"mde_live_response_run": {"id", map[string]tftypes.Value{
			"id": text("5f3c1a52-7d1e-4b6f-9a0e-0c8f9b7d2e11"), "machine_id": text(mdesim.DefaultMachineID), "comment": text("INC-1"), "status": text("Pending"),
		}},
	} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			env := acctest.Tenant(t, mdesim.Options{})
			id := tt.attributes[tt.name]
			for attempt, diagnostics := range newProtocol(t, env).attempts(typeName, tt.attributes, map[string]tftypes.Value{"tenant_id": text(anotherTenant), tt.name: id}) {
				if len(diagnostics) != 1 || !strings.HasSuffix(diagnostics[0].Summary, "of another tenant") ||
					!strings.Contains(diagnostics[0].Detail, anotherTenant) || !strings.Contains(diagnostics[0].Detail, env.Sim.TenantID()) {
					t.Errorf("a %s says %+v", attempt, diagnostics)
				}
			}
			if calls := len(env.Sim.Journal()); calls > 0 {
				t.Errorf("%d calls were made", calls)
			}
		})
	}
}
