package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mde-as-code/terraform-provider-mde/internal/provider"
)

func TestSchema_isValid(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	p := provider.New("test")()
	var schema fwprovider.SchemaResponse
	p.Schema(ctx, fwprovider.SchemaRequest{}, &schema)
	if diags := schema.Schema.ValidateImplementation(ctx); diags.HasError() {
		t.Error(diags)
	}
	for _, construct := range p.Resources(ctx) {
		var schema resource.SchemaResponse
		construct().Schema(ctx, resource.SchemaRequest{}, &schema)
		if diags := schema.Schema.ValidateImplementation(ctx); diags.HasError() {
			t.Error(diags)
		}
	}
	for _, construct := range p.DataSources(ctx) {
		var schema datasource.SchemaResponse
		construct().Schema(ctx, datasource.SchemaRequest{}, &schema)
		if diags := schema.Schema.ValidateImplementation(ctx); diags.HasError() {
			t.Error(diags)
		}
	}
}

// TestSchema_teaches asks every schema for full sentences: they become the
// registry's pages.
func TestSchema_teaches(t *testing.T) {
	t.Parallel()
	schemas := schemasOf(t)
	for _, want := range []string{"mde_indicator", "mde_library_file", "mde_live_response_run", "data.mde_machine", "data.mde_machines", "data.mde_machine_action", "ephemeral.mde_live_response_result"} {
		if schemas[want] == nil {
			t.Errorf("%s is not registered", want)
		}
	}
	for name, schema := range schemas {
		sentence(t, name, schema.Block.Description, schema.Block.DescriptionKind)
		for _, attribute := range schema.Block.Attributes {
			teaches(t, name, attribute)
		}
	}
}

// providerSchemas asks the provider for all that it declares.
func providerSchemas(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(provider.New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, diagnostic := range resp.Diagnostics {
		t.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
	}
	return resp
}

func schemasOf(t *testing.T) map[string]*tfprotov6.Schema {
	t.Helper()
	resp := providerSchemas(t)
	schemas := map[string]*tfprotov6.Schema{"provider": resp.Provider}
	for name, schema := range resp.ResourceSchemas {
		schemas[name] = schema
	}
	for name, schema := range resp.DataSourceSchemas {
		schemas["data."+name] = schema
	}
	for name, schema := range resp.EphemeralResourceSchemas {
		schemas["ephemeral."+name] = schema
	}
	return schemas
}

func teaches(t *testing.T, path string, attribute *tfprotov6.SchemaAttribute) {
	t.Helper()
	path += "." + attribute.Name
	sentence(t, path, attribute.Description, attribute.DescriptionKind)
	if attribute.NestedType != nil {
		for _, nested := range attribute.NestedType.Attributes {
			teaches(t, path, nested)
		}
	}
}

func sentence(t *testing.T, path, description string, kind tfprotov6.StringKind) {
	t.Helper()
	if kind != tfprotov6.StringKindMarkdown || !strings.HasSuffix(description, ".") {
		t.Errorf("%s: the description is no Markdown sentence with a full stop: %q", path, description)
	}
}
