package libraryfile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func TestListLibraryFiles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		config map[string]string
		limit  int64
		want   []string
	}{
		"all":     {nil, 0, []string{"Collect-Triage.ps1", "tool.exe"}},
		"limited": {nil, 1, []string{"Collect-Triage.ps1"}},
		"name":    {map[string]string{"name_prefix": "TOOL"}, 0, []string{"tool.exe"}},
		"creator": {map[string]string{"created_by": "soc@contoso.com"}, 0, []string{"Collect-Triage.ps1"}},
		"none":    {map[string]string{"created_by": "soc"}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLibrary(t, mdesim.Options{})
			l.collected()
			found, failures := l.List(t, acctest.Query{Type: "mde_library_file", Config: tc.config, Limit: tc.limit})
			if failures != nil {
				t.Fatal(failures)
			}
			var want []acctest.Found
			for _, name := range tc.want {
				want = append(want, acctest.Found{DisplayName: name, Identity: map[string]any{"tenant_id": l.Sim.TenantID(), "file_name": name}})
			}
			if diff := cmp.Diff(want, found); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestListLibraryFiles_resource has the state of a file as an import would
// leave it: all but its source, which the service does not know.
func TestListLibraryFiles_resource(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	l.collected()
	found, failures := l.List(t, acctest.Query{Type: "mde_library_file", WithResource: true})
	if failures != nil {
		t.Fatal(failures)
	}
	var got []map[string]any
	for _, one := range found {
		got = append(got, one.Resource)
	}
	want := []map[string]any{
		{
			"id": "Collect-Triage.ps1", "file_name": "Collect-Triage.ps1", "sha256": hash(script), "description": "Collects.", "has_parameters": true,
			"parameters_description": "-Case ID", "line_endings": "preserve", "override_if_exists": false,
		},
		{"id": "tool.exe", "file_name": "tool.exe", "sha256": hash(script2), "has_parameters": false, "line_endings": "preserve", "override_if_exists": false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestListLibraryFiles_refuses(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{Roles: []string{"Ti.ReadWrite.All"}})
	found, failures := l.List(t, acctest.Query{Type: "mde_library_file"})
	if len(found) != 0 || len(failures) != 1 || !strings.Contains(failures[0], "Could not list library files") {
		t.Errorf("found %v and failed with %q", found, failures)
	}
}
