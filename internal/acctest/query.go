package acctest

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mde-as-code/terraform-provider-mde/internal/provider"
)

// Query is what terraform query asks of a list resource. The Terraform at hand
// may be too old to ask it, so that tests speak the protocol themselves.
type Query struct {
	// Type is the type of the resource that is listed.
	Type string
	// Config are the arguments; those that are missing are null.
	Config map[string]string
	// Limit is how many results are asked for, without end when it is 0.
	Limit int64
	// WithResource asks for the whole resource beside its identity.
	WithResource bool
}

// Found is one result of a query. Attributes that are null are left out.
type Found struct {
	DisplayName        string
	Identity, Resource map[string]any
}

// List runs a query against the tenant and returns what is found and the
// details of the errors.
func (e *Env) List(t *testing.T, q Query) (found []Found, failures []string) {
	t.Helper()
	server, schemas := e.serve(t)
	list, ok := server.(tfprotov6.ListResourceServer)
	if !ok || schemas.ListResourceSchemas[q.Type] == nil {
		t.Fatalf("%s cannot be listed", q.Type)
	}
	config := encode(t, schemas.ListResourceSchemas[q.Type], q.Config)
	checked, err := list.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: q.Type, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if failures = errorsOf(checked.Diagnostics); failures != nil {
		return nil, failures
	}
	stream, err := list.ListResource(t.Context(), &tfprotov6.ListResourceRequest{TypeName: q.Type, Config: config, IncludeResource: q.WithResource, Limit: q.Limit})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for result := range stream.Results {
		if failed := errorsOf(result.Diagnostics); failed != nil {
			failures = append(failures, failed...)
			continue
		}
		one := Found{DisplayName: result.DisplayName, Identity: decode(t, result.Identity.IdentityData, identities.IdentitySchemas[q.Type].ValueType())}
		if result.Resource != nil {
			one.Resource = decode(t, result.Resource, schemas.ResourceSchemas[q.Type].ValueType())
		}
		found = append(found, one)
	}
	return found, failures
}

// serve returns the provider, configured for the tenant.
func (e *Env) serve(t *testing.T) (tfprotov6.ProviderServer, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()
	server := provider.NewServer("test")()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	config := encode(t, schemas.Provider, map[string]string{"endpoint": e.Sim.URL(), "access_token": e.Sim.AccessToken()})
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.14.0", Config: config})
	if err != nil || errorsOf(configured.Diagnostics) != nil {
		t.Fatal(err, errorsOf(configured.Diagnostics))
	}
	return server, schemas
}

func errorsOf(diagnostics []*tfprotov6.Diagnostic) []string {
	var failures []string
	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			failures = append(failures, diagnostic.Summary+": "+diagnostic.Detail)
		}
	}
	return failures
}

// encode writes a configuration of strings.
func encode(t *testing.T, schema *tfprotov6.Schema, set map[string]string) *tfprotov6.DynamicValue {
	t.Helper()
	values := map[string]tftypes.Value{}
	for _, attribute := range schema.Block.Attributes {
		kind := attribute.ValueType()
		values[attribute.Name] = tftypes.NewValue(kind, nil)
		if text, ok := set[attribute.Name]; ok {
			values[attribute.Name] = tftypes.NewValue(kind, text)
		}
	}
	config, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), values))
	if err != nil {
		t.Fatal(err)
	}
	return &config
}

// decode reads an object of strings, booleans and sets of strings.
func decode(t *testing.T, data *tfprotov6.DynamicValue, kind tftypes.Type) map[string]any {
	t.Helper()
	object, err := data.Unmarshal(kind)
	if err != nil {
		t.Fatal(err)
	}
	var attributes map[string]tftypes.Value
	if err := object.As(&attributes); err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	for name, value := range attributes {
		if !value.IsNull() {
			out[name] = plain(t, value)
		}
	}
	return out
}

func plain(t *testing.T, value tftypes.Value) any {
	t.Helper()
	var text string
	var truth bool
	var members []tftypes.Value
	switch {
	case value.As(&text) == nil:
		return text
	case value.As(&truth) == nil:
		return truth
	case value.As(&members) == nil:
		texts := make([]any, len(members))
		for i, member := range members {
			texts[i] = plain(t, member)
		}
		return texts
	}
	t.Fatalf("no plain value: %s", value)
	return nil
}
