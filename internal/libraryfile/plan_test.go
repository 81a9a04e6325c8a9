package libraryfile

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const script = "Get-Date\n"

var scriptHash = hash([]byte(script))

// TestModifyPlan calls the hook as Terraform does: with what the configuration
// says, and as plan the same with unknown values for what is computed.
func TestModifyPlan(t *testing.T) {
	t.Parallel()
	source := filepath.Join(t.TempDir(), "a.ps1")
	if err := os.WriteFile(source, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	text, unknown := types.StringValue, types.StringUnknown()
	prior := func(edit func(*model)) *model {
		m := &model{ID: text("a.ps1"), FileName: text("a.ps1"), Source: text(source), SHA256: text(scriptHash), HasParameters: types.BoolValue(false)}
		edit(m)
		return m
	}
	gone := filepath.Join(t.TempDir(), "a.ps1")
	for name, test := range map[string]struct {
		config         model
		prior          *model
		id, file, hash types.String
		parameters     types.Bool
		warns, fails   string
	}{
		"creation": {
			config: model{Source: text(source)},
			id:     text("a.ps1"), file: text("a.ps1"), hash: text(scriptHash), parameters: types.BoolValue(false), warns: "Unsigned PowerShell script",
		},
		"name and parameters given": {
			config: model{Source: text(source), FileName: text("b.txt"), ParametersDescription: text("x")},
			id:     text("b.txt"), file: text("b.txt"), hash: text(scriptHash), parameters: types.BoolValue(true),
		},
		"converted": {
			config: model{Source: text(source), FileName: text("b.txt"), LineEndings: text("crlf")},
			id:     text("b.txt"), file: text("b.txt"), hash: text(hash([]byte("Get-Date\r\n"))), parameters: types.BoolValue(false),
		},
		"mixed line endings": {
			config: model{Content: text("a\r\nb\n"), FileName: text("b.txt")},
			id:     text("b.txt"), file: text("b.txt"), hash: text(hash([]byte("a\r\nb\n"))), parameters: types.BoolValue(false), warns: "Mixed line endings",
		},
		"unknown content": {
			config: model{Content: unknown, FileName: text("b.ps1")},
			id:     text("b.ps1"), file: text("b.ps1"), hash: unknown, parameters: types.BoolValue(false),
		},
		"unknown source": {
			config: model{Source: unknown},
			id:     unknown, file: unknown, hash: unknown, parameters: types.BoolValue(false),
		},
		"unknown name": {
			config: model{Source: text(source), FileName: unknown},
			id:     unknown, file: unknown, hash: text(scriptHash), parameters: types.BoolValue(false),
		},
		"unknown line endings": {
			config: model{Source: text(source), LineEndings: unknown},
			id:     text("a.ps1"), file: text("a.ps1"), hash: unknown, parameters: types.BoolValue(false),
		},
		"unknown parameters": {
			config: model{Source: text(source), FileName: text("b.txt"), ParametersDescription: unknown},
			id:     text("b.txt"), file: text("b.txt"), hash: text(scriptHash), parameters: types.BoolUnknown(),
		},
		"edited description moves nothing and warns of nothing": {
			config: model{Source: text(source), Description: text("new")}, prior: prior(func(*model) {}),
			id: text("a.ps1"), file: text("a.ps1"), hash: text(scriptHash), parameters: types.BoolValue(false),
		},
		"swapped in the portal": {
			config: model{Source: text(source)}, prior: prior(func(m *model) { m.SHA256 = text("00") }),
			id: text("a.ps1"), file: text("a.ps1"), hash: text(scriptHash), parameters: types.BoolValue(false), warns: "Unsigned PowerShell script",
		},
		"missing file": {config: model{Source: text(gone)}, fails: "There is no file"},
		"file gone since": {
			config: model{Source: text(gone)}, prior: prior(func(m *model) { m.Source = text(gone) }),
			id: text("a.ps1"), file: text("a.ps1"), hash: text(scriptHash), parameters: types.BoolValue(false), warns: "Unusable source",
		},
		"new source missing": {config: model{Source: text(gone)}, prior: prior(func(*model) {}), fails: "There is no file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, diags := modifyPlan(t, test.config, test.prior)
			if test.fails != "" {
				if len(diags.Errors()) != 1 || !strings.Contains(diags.Errors()[0].Detail(), test.fails) {
					t.Errorf("got %v, want an error with %q", diags, test.fails)
				}
				return
			}
			want := []any{test.id, test.file, test.hash, test.parameters}
			if diff := cmp.Diff(want, []any{got.ID, got.FileName, got.SHA256, got.HasParameters}); diff != "" {
				t.Error(diff)
			}
			if warned := summaries(diags); warned != test.warns {
				t.Errorf("warned of %q, want %q", warned, test.warns)
			}
		})
	}
}

func summaries(diags diag.Diagnostics) string {
	var out []string
	for _, d := range diags {
		out = append(out, d.Summary())
	}
	return strings.Join(out, "; ")
}

func modifyPlan(t *testing.T, config model, prior *model) (model, diag.Diagnostics) {
	t.Helper()
	ctx := context.Background()
	planned := config
	planned.ID, planned.SHA256 = types.StringUnknown(), types.StringUnknown()
	if config.FileName.IsNull() {
		planned.FileName = types.StringUnknown()
	}
	if config.HasParameters.IsNull() {
		planned.HasParameters = types.BoolUnknown()
	}
	s := resourceSchema()
	req := resource.ModifyPlanRequest{
		Config: tfsdk.Config{Schema: s, Raw: encode(t, &config)},
		Plan:   tfsdk.Plan{Schema: s, Raw: encode(t, &planned)},
		State:  tfsdk.State{Schema: s, Raw: encode(t, prior)},
	}
	resp := resource.ModifyPlanResponse{Plan: req.Plan}
	(&fileResource{}).ModifyPlan(ctx, req, &resp)
	var got model
	if diags := resp.Plan.Get(ctx, &got); diags.HasError() {
		t.Fatal(diags)
	}
	return got, resp.Diagnostics
}
