package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	mde "github.com/mde-as-code/terraform-provider-mde/internal/provider"
)

// TestSchema_sameShape compares what Terraform sees of both providers.
func TestSchema_sameShape(t *testing.T) {
	t.Parallel()
	full, empty := shapes(t, mde.New("test")()), shapes(t, newProvider())
	for _, name := range []string{"mde_indicator", "mde_indicator_set"} {
		if full[name] == "" {
			t.Fatalf("the provider has no %s", name)
		}
	}
	if diff := cmp.Diff(full, empty); diff != "" {
		t.Error(diff)
	}
}

// shapes returns the type of every resource.
func shapes(t *testing.T, p provider.Provider) map[string]string {
	t.Helper()
	server := providerserver.NewProtocol6(p)()
	answer, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for name, schema := range answer.ResourceSchemas {
		text, err := json.Marshal(schema.ValueType())
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	return all
}
