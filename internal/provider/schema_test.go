package provider_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
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

// TestSchema_teaches asks everything that the provider declares for full
// sentences: they become the registry's pages.
func TestSchema_teaches(t *testing.T) {
	t.Parallel()
	schemas := schemasOf(t)
	for _, want := range []string{"mde_indicator", "mde_library_file", "mde_live_response_run", "data.mde_machine", "data.mde_machines", "data.mde_machine_action", "ephemeral.mde_live_response_result", "list.mde_indicator"} {
		if schemas[want] == nil {
			t.Errorf("%s is not registered", want)
		}
	}
	for name, schema := range schemas {
		markdown(t, name, schema.Block.Description, schema.Block.DescriptionKind)
		for _, attribute := range schema.Block.Attributes {
			teaches(t, name, attribute)
		}
	}
	for name, function := range providerSchemas(t).Functions {
		markdown(t, name, function.Description, function.DescriptionKind)
		if function.Summary == "" {
			t.Errorf("%s has no summary", name)
		}
		for _, parameter := range function.Parameters {
			markdown(t, name+"("+parameter.Name+")", parameter.Description, parameter.DescriptionKind)
		}
	}
	for name, identity := range identitiesOf(t) {
		for _, attribute := range identity.IdentityAttributes {
			sentence(t, name+" identity."+attribute.Name, attribute.Description)
		}
	}
}

// TestAccSchema_teaches reads the same from what Terraform prints.
func TestAccSchema_teaches(t *testing.T) {
	t.Parallel()
	w := acctest.Workspace(t)
	w.Init()
	var printed struct {
		Providers map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.Unmarshal([]byte(w.Run("providers", "schema", "-json")), &printed); err != nil {
		t.Fatal(err)
	}
	described := 0
	for _, schemas := range printed.Providers {
		for kind, schema := range schemas {
			described += printedTeaches(t, kind, schema)
		}
	}
	if described < 150 {
		t.Errorf("%d attributes and parameters are described", described)
	}
}

// printedTeaches checks all that has a description below a value, and counts
// it. What stands in attributes or parameters must have one.
func printedTeaches(t *testing.T, path string, value any) (described int) {
	t.Helper()
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			described += printedTeaches(t, path, element)
		}
	case map[string]any:
		for name, inner := range value {
			at := path + "." + name
			object, isObject := inner.(map[string]any)
			if isObject && strings.HasSuffix(path, ".attributes") {
				described++
				text, _ := object["description"].(string)
				sentence(t, strings.ReplaceAll(at, ".attributes", ""), text)
			}
			if text, ok := inner.(string); ok && name == "description" && strings.HasSuffix(path, ".parameters") {
				described++
				parameter, _ := value["name"].(string)
				sentence(t, path+"."+parameter, text)
			}
			described += printedTeaches(t, at, inner)
		}
	}
	return described
}

// providerSchemas asks the provider for all that it declares.
func providerSchemas(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	resp, err := providerServer(t).GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, diagnostic := range resp.Diagnostics {
		t.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
	}
	return resp
}

func identitiesOf(t *testing.T) map[string]*tfprotov6.ResourceIdentitySchema {
	t.Helper()
	resp, err := providerServer(t).GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return resp.IdentitySchemas
}

func providerServer(t *testing.T) tfprotov6.ProviderServer {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(provider.New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func schemasOf(t *testing.T) map[string]*tfprotov6.Schema {
	t.Helper()
	resp := providerSchemas(t)
	schemas := map[string]*tfprotov6.Schema{"provider": resp.Provider}
	for prefix, kind := range map[string]map[string]*tfprotov6.Schema{
		"": resp.ResourceSchemas, "data.": resp.DataSourceSchemas, "ephemeral.": resp.EphemeralResourceSchemas, "list.": resp.ListResourceSchemas,
	} {
		for name, schema := range kind {
			schemas[prefix+name] = schema
		}
	}
	return schemas
}

func teaches(t *testing.T, path string, attribute *tfprotov6.SchemaAttribute) {
	t.Helper()
	path += "." + attribute.Name
	markdown(t, path, attribute.Description, attribute.DescriptionKind)
	if attribute.NestedType != nil {
		for _, nested := range attribute.NestedType.Attributes {
			teaches(t, path, nested)
		}
	}
}

func markdown(t *testing.T, path, description string, kind tfprotov6.StringKind) {
	t.Helper()
	if kind != tfprotov6.StringKindMarkdown {
		t.Errorf("%s: the description is no Markdown", path)
	}
	sentence(t, path, description)
}

var (
	aSentence = regexp.MustCompile("^[\"`A-Z].*[^. ]\\.$")
	aWord     = regexp.MustCompile(`[A-Za-z]+`)
)

// sentence wants a sentence with its full stop, which tells more than the name
// of what it describes.
func sentence(t *testing.T, path, description string) {
	t.Helper()
	if !aSentence.MatchString(strings.ReplaceAll(description, "\n", " ")) {
		t.Errorf("%s: the description is no sentence with a full stop: %q", path, description)
	}
	said := strings.Split(path[strings.LastIndexAny(path, ".(")+1:], "_")
	said = append(said, "a", "an", "the", "of", "this", "its", "it", "is", "resource", "attribute", "value", "computed", "optional")
	tells := slices.DeleteFunc(aWord.FindAllString(strings.ToLower(description), -1), func(word string) bool {
		return slices.Contains(said, word) || slices.Contains(said, strings.TrimSuffix(word, "s"))
	})
	if len(tells) < 2 {
		t.Errorf("%s: the description only repeats the name: %q", path, description)
	}
}
