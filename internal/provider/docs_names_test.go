package provider_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"go.yaml.in/yaml/v3"

	"github.com/mde-as-code/terraform-provider-mde/internal/provider"
)

var (
	aType     = regexp.MustCompile(`(?:^|[^A-Za-z0-9_/-])(mde_[a-z_]*[a-z])\b`)
	aFunction = regexp.MustCompile(`provider::mde::([a-z_]+)`)
	aVariable = regexp.MustCompile(`\b(?:MDE|ARM|AZURE|ACTIONS|SYSTEM)_[A-Z0-9_]*[A-Z0-9]\b`)
	snakeCase = regexp.MustCompile("`(?:[a-z_]+\\.)*([a-z]+(?:_[a-z0-9]+)+)(?: = [^`]*)?`")
)

// ofOthers are words of Terraform, of STIX and of values that look like
// attributes of ours.
func ofOthers() []string {
	return []string{
		"for_each", "depends_on", "create_before_destroy", "prevent_destroy", "terraform_data", "required_providers", "required_version",
		"import_blocks", "ignore_changes", "replace_triggered_by", "local_exec", "plugin_cache_dir", "dev_overrides", "provider_installation",
		"filesystem_mirror", "expect_failures", "user_impersonation", "valid_until", "managed_identity", "azure_cli",
	}
}

// TestDocs_namesExist looks up every name of ours that the pages for people
// use: types, functions, environment variables, and in code the attributes.
func TestDocs_namesExist(t *testing.T) {
	t.Parallel()
	root := os.DirFS("../..")
	known := namesOfOurs(t)
	variables := provider.Variables()
	for _, name := range markdownFiles(t, root) {
		text := readFS(t, root, name)
		for _, match := range append(aType.FindAllStringSubmatch(text, -1), aFunction.FindAllStringSubmatch(text, -1)...) {
			if !known[match[1]] {
				t.Errorf("%s: there is no %s", name, match[1])
			}
		}
		for _, variable := range aVariable.FindAllString(text, -1) {
			if !slices.Contains(variables, variable) {
				t.Errorf("%s: the provider does not read %s", name, variable)
			}
		}
		for _, match := range snakeCase.FindAllStringSubmatch(text, -1) {
			if !known[match[1]] && !slices.Contains(ofOthers(), match[1]) {
				t.Errorf("%s: %s names nothing of the provider's", name, match[0])
			}
		}
	}
}

// namesOfOurs are the types, functions, attributes and parameters.
func namesOfOurs(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	for name, schema := range schemasOf(t) {
		known[name[strings.LastIndex(name, ".")+1:]] = true
		nameAttributes(known, schema.Block.Attributes)
	}
	for name, function := range providerSchemas(t).Functions {
		known[name] = true
		for _, parameter := range function.Parameters {
			known[parameter.Name] = true
		}
	}
	return known
}

func nameAttributes(known map[string]bool, attributes []*tfprotov6.SchemaAttribute) {
	for _, attribute := range attributes {
		known[attribute.Name] = true
		if attribute.NestedType != nil {
			nameAttributes(known, attribute.NestedType.Attributes)
		}
	}
}

// TestDocs_yamlParses reads the workflows and seeds that the pages show.
func TestDocs_yamlParses(t *testing.T) {
	t.Parallel()
	root := os.DirFS("../..")
	parsed := 0
	for _, name := range markdownFiles(t, root) {
		for _, block := range regexp.MustCompile("(?ms)^```ya?ml\n(.*?)^```$").FindAllStringSubmatch(readFS(t, root, name), -1) {
			parsed++
			var content map[string]any
			if err := yaml.Unmarshal([]byte(block[1]), &content); err != nil {
				t.Errorf("%s: %v in\n%s", name, err, block[1])
			}
		}
	}
	if parsed < 5 {
		t.Errorf("%d blocks were parsed", parsed)
	}
}
