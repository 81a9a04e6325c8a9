package libraryfile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

func TestToAPI(t *testing.T) {
	t.Parallel()
	m := model{
		FileName:              types.StringValue("a.ps1"),
		Description:           types.StringValue("what"),
		ParametersDescription: types.StringValue("how"),
		HasParameters:         types.BoolValue(true),
	}
	want := mde.LibraryUpload{FileName: "a.ps1", Content: []byte("x"), Description: "what", ParametersDescription: "how", HasParameters: true}
	if diff := cmp.Diff(want, m.toAPI([]byte("x"))); diff != "" {
		t.Error(diff)
	}
}

func TestToAPI_nullDescription(t *testing.T) {
	t.Parallel()
	m := model{FileName: types.StringValue("a.ps1")}
	if diff := cmp.Diff(mde.LibraryUpload{FileName: "a.ps1"}, m.toAPI(nil)); diff != "" {
		t.Error(diff)
	}
}

func TestFromAPI(t *testing.T) {
	t.Parallel()
	file := mde.LibraryFile{FileName: "A.ps1", SHA256: "AB", Description: "what", ParametersDescription: "how", HasParameters: true}
	text := types.StringValue
	filled := model{ID: text("A.ps1"), FileName: text("A.ps1"), SHA256: text("ab"), Description: text("what"), ParametersDescription: text("how"), HasParameters: types.BoolValue(true)}
	for name, test := range map[string]struct {
		prior, want model
		file        mde.LibraryFile
	}{
		"everything": {file: file, want: filled},
		"spelling of the name": {
			prior: model{FileName: text("a.PS1")},
			file:  mde.LibraryFile{FileName: "A.ps1", SHA256: "ab"},
			want:  model{ID: text("a.PS1"), FileName: text("a.PS1"), SHA256: text("ab"), HasParameters: types.BoolValue(false)},
		},
		"empty stays empty": {
			prior: model{FileName: text("a"), Description: text(""), ParametersDescription: types.StringNull()},
			file:  mde.LibraryFile{FileName: "a", SHA256: "ab"},
			want:  model{ID: text("a"), FileName: text("a"), SHA256: text("ab"), Description: text(""), HasParameters: types.BoolValue(false)},
		},
		"cleared behind our back": {
			prior: model{FileName: text("a"), Description: text("what")},
			file:  mde.LibraryFile{FileName: "a", SHA256: "ab"},
			want:  model{ID: text("a"), FileName: text("a"), SHA256: text("ab"), HasParameters: types.BoolValue(false)},
		},
		"inputs are left alone": {
			prior: model{Source: text("s"), LineEndings: text("lf"), OverrideIfExists: types.BoolValue(true)},
			file:  mde.LibraryFile{FileName: "a", SHA256: "ab"},
			want:  model{ID: text("a"), FileName: text("a"), SHA256: text("ab"), HasParameters: types.BoolValue(false), Source: text("s"), LineEndings: text("lf"), OverrideIfExists: types.BoolValue(true)},
		},
	} {
		got := test.prior
		got.fromAPI(test.file)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestStored_agreesWithTheService(t *testing.T) {
	t.Parallel()
	file := mde.LibraryFile{FileName: "a.ps1", SHA256: "AB", Description: "what", ParametersDescription: "how", HasParameters: true}
	var m model
	m.fromAPI(file)
	if m.stored() != storedOf(file) {
		t.Errorf("%+v differs from %+v", m.stored(), storedOf(file))
	}
}

func TestValidName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"a.ps1": true, "A-b_c.9": true, "_a": true, ".a": true, "": false, ".": false, "..": false, "a b": false, "a/b": false, "bad name?.ps1": false, "ä.ps1": false, "a\n": false} {
		if got := validName(name); got != want {
			t.Errorf("validName(%q) = %v", name, got)
		}
	}
}

func TestChecks(t *testing.T) {
	t.Parallel()
	text, unknown := types.StringValue, types.StringUnknown()
	for name, test := range map[string]struct {
		config model
		want   string // the attribute at fault, empty if there is none
	}{
		"source":                        {model{Source: text("dir/a.ps1")}, ""},
		"content":                       {model{Content: text("x"), FileName: text("a")}, ""},
		"everything unknown":            {model{Source: unknown, Content: unknown, ContentBase64: unknown, FileName: unknown}, ""},
		"no content":                    {model{FileName: text("a")}, "source"},
		"no content and no name":        {model{}, "source"},
		"source and content":            {model{Source: text("a"), Content: text("x")}, "content"},
		"source and bytes":              {model{Source: text("a"), ContentBase64: text("AA==")}, "content_base64"},
		"content and bytes":             {model{Content: text("x"), ContentBase64: text("AA=="), FileName: text("a")}, "content_base64"},
		"content may yet be unset":      {model{Content: unknown, Source: text("a")}, ""},
		"content without a name":        {model{Content: text("x")}, "file_name"},
		"unknown content without":       {model{Content: unknown}, "file_name"},
		"content with unknown name":     {model{Content: text("x"), FileName: unknown}, ""},
		"bad base name":                 {model{Source: text("dir/bad name?.ps1")}, "source"},
		"bad base name with a name":     {model{Source: text("dir/bad name?.ps1"), FileName: text("a")}, ""},
		"source and empty content":      {model{Source: text("a"), Content: text(""), ContentBase64: text(""), FileName: text("")}, ""},
		"content and empty source":      {model{Source: text(""), Content: text("x"), FileName: text("a")}, ""},
		"content and empty name":        {model{Content: text("x"), FileName: text("")}, "file_name"},
		"all of it empty":               {model{Source: text(""), Content: text(""), FileName: text("a")}, "content"},
		"bad base name and empty name":  {model{Source: text("dir/bad name?.ps1"), FileName: text("")}, "source"},
		"empty content":                 {model{Content: text(""), FileName: text("a")}, "content"},
		"bad base64":                    {model{ContentBase64: text("?"), FileName: text("a")}, "content_base64"},
		"parameters described, denied":  {model{Source: text("a"), HasParameters: types.BoolValue(false), ParametersDescription: text("x")}, "has_parameters"},
		"parameters undescribed":        {model{Source: text("a"), HasParameters: types.BoolValue(true)}, ""},
		"parameters described as empty": {model{Source: text("a"), HasParameters: types.BoolValue(false), ParametersDescription: text("")}, ""},
		"parameters may be described":   {model{Source: text("a"), HasParameters: types.BoolValue(false), ParametersDescription: unknown}, ""},
	} {
		got := ""
		for _, p := range test.config.check() {
			got = p.attribute
		}
		if got != test.want {
			t.Errorf("%s: problem at %q, want %q", name, got, test.want)
		}
	}
}
