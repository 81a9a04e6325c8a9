package mdesim

import (
	"bytes"
	"maps"
	"mime/multipart"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// form is a multipart upload.
func form(t *testing.T, name, content string, fields map[string]string) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	writer := multipart.NewWriter(&b)
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if err := writer.WriteField(field, fields[field]); err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		part, err := writer.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(content))
	}
	_ = writer.Close()
	return writer.FormDataContentType(), b.String()
}

func (t *tester) upload(status int, name, content string, fields map[string]string) answered {
	t.Helper()
	contentType, body := form(t.T, name, content, fields)
	a, err := t.send("POST", "/api/libraryfiles", contentType, body)
	if err != nil {
		t.Fatal(err)
	}
	if a.status != status {
		t.Errorf("upload of %s: %d, want %d: %s", name, a.status, status, a.raw)
	}
	return a
}

func TestUploadLibraryFile(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	first := s.upload(200, "a.ps1", "1", map[string]string{"Description": "", "HasParameters": "true", "ParametersDescription": "-x"})
	want := map[string]any{
		"@odata.context": "http://127.0.0.1/api/$metadata#LibraryFiles/$entity",
		"fileName":       "a.ps1", "sha256": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b", "description": nil,
		"createdBy": DefaultClientID, "hasParameters": true, "parametersDescription": "-x",
		"creationTime": first.json["creationTime"], "lastUpdatedTime": first.json["creationTime"],
	}
	if diff := cmp.Diff(want, first.json); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.Advance(time.Minute)
	s.upload(400, "a.ps1", "2", nil)
	second := s.upload(200, "a.ps1", "2", map[string]string{"OverrideIfExists": "true"})
	if second.json["creationTime"] != first.json["creationTime"] || second.json["lastUpdatedTime"] == first.json["lastUpdatedTime"] || second.json["hasParameters"] != false {
		t.Errorf("%s", second.raw)
	}
	s.upload(200, "A.ps1", "3", nil)
	if got := s.call(200, "GET", "/api/libraryfiles", "").column("fileName"); got != "A.ps1 a.ps1" {
		t.Errorf("listed: %s", got)
	}
	if got := string(s.LibraryFiles()[1].Content); got != "2" {
		t.Errorf("stored %q", got)
	}
	s.call(204, "DELETE", "/api/libraryfiles/A.ps1", "")
	s.refused(404, "ResourceNotFound", "DELETE", "/api/libraryfiles/A.ps1", "")
}

func TestUploadLibraryFile_refuses(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	for name, test := range map[string]struct {
		file, content string
		fields        map[string]string
		code          string
	}{
		"no file":      {"", "", nil, "MissingRequiredParameter"},
		"empty":        {"a.ps1", "", nil, "InvalidInput"},
		"bad name":     {"a b?.ps1", "1", nil, "InvalidInput"},
		"too large":    {"a.ps1", strings.Repeat("x", maxLibraryFile+1), nil, "InvalidInput"},
		"bad flag":     {"a.ps1", "1", map[string]string{"HasParameters": "maybe"}, "InvalidRequestBody"},
		"unknown part": {"a.ps1", "1", map[string]string{"description": "x"}, "InvalidRequestBody"},
	} {
		if a := s.upload(400, test.file, test.content, test.fields); a.code() != test.code {
			t.Errorf("%s: %s, want %s", name, a.raw, test.code)
		}
	}
	s.refused(400, "InvalidRequestBody", "POST", "/api/libraryfiles", `{}`)
	s.upload(200, "a.ps1", strings.Repeat("x", maxLibraryFile), nil)
}

func TestLibraryFiles_foldNames(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{FoldFileNames: true})
	s.upload(200, "a.ps1", "1", nil)
	s.upload(400, "A.PS1", "2", nil)
	s.upload(200, "A.PS1", "2", map[string]string{"OverrideIfExists": "true"})
	if got := s.call(200, "GET", "/api/libraryfiles", "").column("fileName"); got != "A.PS1" {
		t.Errorf("listed: %s", got)
	}
}

func TestJournal_describesUploads(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	s.upload(200, "a.ps1", "1", map[string]string{"Description": "x"})
	call := s.Journal()[0]
	want := `{"Description":"x","file":{"fileName":"a.ps1","sha256":"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b","size":1}}`
	if string(call.Body) != want || call.Op != OpUploadLibraryFile || call.Status != 200 || call.Header.Get("Authorization") != "Bearer ***" {
		t.Errorf("%+v, body %s", call, call.Body)
	}
}

func TestLibraryFiles_lateList(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{VisibilityLag: time.Minute})
	listed := func() string { return s.call(200, "GET", "/api/libraryfiles", "").column("sha256") }
	s.SeedLibraryFile("old.ps1", []byte("1"), nil)
	s.upload(200, "old.ps1", "2", map[string]string{"OverrideIfExists": "true"})
	s.upload(200, "new.ps1", "3", nil)
	if got := listed(); got != hashOf([]byte("1")) {
		t.Errorf("at once: %s", got)
	}
	s.Advance(time.Minute)
	if got := listed(); got != hashOf([]byte("3"))+" "+hashOf([]byte("2")) {
		t.Errorf("later: %s", got)
	}
}
