// Command schema prints the provider's schema in the format of terraform
// providers schema -json, for the documentation generator. It asks the provider
// itself: the Terraform at hand may be missing, or too old to know all kinds.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mde-as-code/terraform-provider-mde/internal/provider"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	server, err := providerserver.NewProtocol6WithError(provider.New("dev")())()
	if err != nil {
		return err
	}
	resp, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	for _, diagnostic := range resp.Diagnostics {
		return fmt.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{
		"format_version": "1.0",
		"provider_schemas": map[string]any{"mde": map[string]any{
			"provider":                   newSchema(resp.Provider),
			"resource_schemas":           newSchemas(resp.ResourceSchemas),
			"resource_identity_schemas":  newIdentities(identities.IdentitySchemas),
			"data_source_schemas":        newSchemas(resp.DataSourceSchemas),
			"ephemeral_resource_schemas": newSchemas(resp.EphemeralResourceSchemas),
			"list_resource_schemas":      newSchemas(resp.ListResourceSchemas),
			"action_schemas":             newActions(resp.ActionSchemas),
			"functions":                  newFunctions(resp.Functions),
		}},
	})
}

type schema struct {
	Version int64 `json:"version"`
	Block   block `json:"block"`
}

// block has attributes only, as all schemas of the provider.
type block struct {
	Attributes      map[string]attribute `json:"attributes"`
	Description     string               `json:"description"`
	DescriptionKind string               `json:"description_kind"`
	Deprecated      bool                 `json:"deprecated,omitempty"`
}

type attribute struct {
	Type            tftypes.Type `json:"type,omitempty"`
	NestedType      *nestedType  `json:"nested_type,omitempty"`
	Description     string       `json:"description"`
	DescriptionKind string       `json:"description_kind"`
	Deprecated      bool         `json:"deprecated,omitempty"`
	Required        bool         `json:"required,omitempty"`
	Optional        bool         `json:"optional,omitempty"`
	Computed        bool         `json:"computed,omitempty"`
	Sensitive       bool         `json:"sensitive,omitempty"`
	WriteOnly       bool         `json:"write_only,omitempty"`
}

type nestedType struct {
	Attributes  map[string]attribute `json:"attributes"`
	NestingMode string               `json:"nesting_mode"`
}

type identity struct {
	Version    int64                        `json:"version"`
	Attributes map[string]identityAttribute `json:"attributes"`
}

type identityAttribute struct {
	Type              tftypes.Type `json:"type"`
	Description       string       `json:"description"`
	RequiredForImport bool         `json:"required_for_import,omitempty"`
	OptionalForImport bool         `json:"optional_for_import,omitempty"`
}

type function struct {
	Description        string       `json:"description"`
	Summary            string       `json:"summary"`
	DeprecationMessage string       `json:"deprecation_message,omitempty"`
	ReturnType         tftypes.Type `json:"return_type"`
	Parameters         []parameter  `json:"parameters,omitempty"`
	VariadicParameter  *parameter   `json:"variadic_parameter,omitempty"`
}

type parameter struct {
	Name        string       `json:"name"`
	Description string       `json:"description"`
	IsNullable  bool         `json:"is_nullable,omitempty"`
	Type        tftypes.Type `json:"type"`
}

func newSchemas(from map[string]*tfprotov6.Schema) map[string]schema {
	schemas := make(map[string]schema, len(from))
	for name, s := range from {
		schemas[name] = newSchema(s)
	}
	return schemas
}

func newActions(from map[string]*tfprotov6.ActionSchema) map[string]schema {
	schemas := make(map[string]schema, len(from))
	for name, s := range from {
		schemas[name] = newSchema(s.Schema)
	}
	return schemas
}

func newSchema(from *tfprotov6.Schema) schema {
	return schema{
		Version: from.Version,
		Block: block{
			Attributes:      newAttributes(from.Block.Attributes),
			Description:     from.Block.Description,
			DescriptionKind: kind(from.Block.DescriptionKind),
			Deprecated:      from.Block.Deprecated,
		},
	}
}

func newAttributes(from []*tfprotov6.SchemaAttribute) map[string]attribute {
	attributes := make(map[string]attribute, len(from))
	for _, a := range from {
		attributes[a.Name] = attribute{
			Type:            a.Type,
			NestedType:      newNestedType(a.NestedType),
			Description:     a.Description,
			DescriptionKind: kind(a.DescriptionKind),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
	}
	return attributes
}

func newNestedType(from *tfprotov6.SchemaObject) *nestedType {
	if from == nil {
		return nil
	}
	return &nestedType{Attributes: newAttributes(from.Attributes), NestingMode: strings.ToLower(from.Nesting.String())}
}

func newIdentities(from map[string]*tfprotov6.ResourceIdentitySchema) map[string]identity {
	identities := make(map[string]identity, len(from))
	for name, s := range from {
		to := identity{Version: s.Version, Attributes: map[string]identityAttribute{}}
		for _, a := range s.IdentityAttributes {
			to.Attributes[a.Name] = identityAttribute{Type: a.Type, Description: a.Description, RequiredForImport: a.RequiredForImport, OptionalForImport: a.OptionalForImport}
		}
		identities[name] = to
	}
	return identities
}

func newFunctions(from map[string]*tfprotov6.Function) map[string]function {
	functions := make(map[string]function, len(from))
	for name, f := range from {
		to := function{
			Description:        f.Description,
			Summary:            f.Summary,
			DeprecationMessage: f.DeprecationMessage,
			ReturnType:         f.Return.Type,
		}
		for _, p := range f.Parameters {
			to.Parameters = append(to.Parameters, newParameter(p))
		}
		if f.VariadicParameter != nil {
			variadic := newParameter(f.VariadicParameter)
			to.VariadicParameter = &variadic
		}
		functions[name] = to
	}
	return functions
}

func newParameter(from *tfprotov6.FunctionParameter) parameter {
	return parameter{Name: from.Name, Description: from.Description, IsNullable: from.AllowNullValue, Type: from.Type}
}

func kind(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}
