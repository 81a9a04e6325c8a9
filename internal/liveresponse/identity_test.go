package liveresponse_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const typeName = "mde_live_response_run"

// server is the provider, configured for the tenant, as Terraform >= 1.12 sees
// it: with resource identity.
func server(t *testing.T, env *acctest.Env) tfprotov6.ProviderServer {
	t.Helper()
	server, err := acctest.Factories()["mde"]()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	kind := schema.Provider.ValueType()
	object, ok := kind.(tftypes.Object)
	if !ok {
		t.Fatalf("the provider's configuration is a %T", kind)
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	values["endpoint"] = tftypes.NewValue(tftypes.String, env.Sim.URL())
	values["access_token"] = tftypes.NewValue(tftypes.String, env.Sim.AccessToken())
	answer, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: dynamic(t, tftypes.NewValue(kind, values))})
	if err != nil {
		t.Fatal(err)
	}
	healthy(t, answer.Diagnostics)
	return server
}

var identityType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"tenant_id": tftypes.String, "id": tftypes.String}}

func identity(t *testing.T, tenant any) *tfprotov6.ResourceIdentityData {
	t.Helper()
	return &tfprotov6.ResourceIdentityData{IdentityData: dynamic(t, tftypes.NewValue(identityType, map[string]tftypes.Value{
		"tenant_id": tftypes.NewValue(tftypes.String, tenant), "id": tftypes.NewValue(tftypes.String, importedID),
	}))}
}

func dynamic(t *testing.T, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	packed, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	return &packed
}

func healthy(t *testing.T, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			t.Fatalf("%s: %s", diagnostic.Summary, diagnostic.Detail)
		}
	}
}

// read imports the seeded run by identity and reads it.
func read(t *testing.T, env *acctest.Env, tenant any) *tfprotov6.ReadResourceResponse {
	t.Helper()
	server := server(t, env)
	imported, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: typeName, Identity: identity(t, tenant)})
	if err != nil {
		t.Fatal(err)
	}
	healthy(t, imported.Diagnostics)
	got := imported.ImportedResources[0]
	answer, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: got.State, CurrentIdentity: got.Identity, Private: got.Private})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestImport_byIdentity(t *testing.T) {
	t.Parallel()
	for name, tenant := range map[string]any{"without a tenant": nil, "with the tenant": mdesim.DefaultTenantID} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := tenantWithAction(t)
			answer := read(t, env, tenant)
			healthy(t, answer.Diagnostics)
			value, err := answer.NewIdentity.IdentityData.Unmarshal(identityType)
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]tftypes.Value
			if err := value.As(&got); err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string]string{"tenant_id": mdesim.DefaultTenantID, "id": importedID} {
				if !got[name].Equal(tftypes.NewValue(tftypes.String, want)) {
					t.Errorf("%s is %s, want %s", name, got[name], want)
				}
			}
		})
	}
}

func TestImport_ofAnotherTenant(t *testing.T) {
	t.Parallel()
	answer := read(t, tenantWithAction(t), "00000000-0000-4000-8000-000000000000")
	if len(answer.Diagnostics) == 0 || answer.Diagnostics[len(answer.Diagnostics)-1].Summary != "Live response run of another tenant" {
		t.Errorf("got %+v", answer.Diagnostics)
	}
}

func tenantWithAction(t *testing.T) *acctest.Env {
	t.Helper()
	env := tenant(t, mdesim.Options{})
	seedAction(env, "Succeeded")
	return env
}
