package mdesim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxLibraryFile is the documented limit of an upload.
const maxLibraryFile = 20 << 20

// libraryFileWire is a file as the service answers it.
type libraryFileWire struct {
	FileName              string  `json:"fileName"`
	SHA256                string  `json:"sha256"`
	Description           *string `json:"description"`
	CreationTime          string  `json:"creationTime"`
	LastUpdatedTime       string  `json:"lastUpdatedTime"`
	CreatedBy             *string `json:"createdBy"`
	HasParameters         bool    `json:"hasParameters"`
	ParametersDescription *string `json:"parametersDescription"`
}

func (o Options) libraryFileWire(f LibraryFile) libraryFileWire {
	return libraryFileWire{
		FileName: f.FileName, SHA256: f.SHA256, Description: o.text(f.Description),
		CreationTime: timestamp(f.CreationTime), LastUpdatedTime: timestamp(f.LastUpdatedTime), CreatedBy: nullable(f.CreatedBy),
		HasParameters: f.HasParameters, ParametersDescription: o.text(f.ParametersDescription),
	}
}

// uploadBody is a decoded multipart request.
type uploadBody struct {
	fields   map[string]string
	fileName string
	content  []byte
	hasFile  bool
}

// uploadFields are the parts beside the file itself.
var uploadFields = []string{"Description", "ParametersDescription", "HasParameters", "OverrideIfExists"}

func decodeUpload(contentType string, body []byte) (uploadBody, error) {
	u := uploadBody{fields: map[string]string{}}
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" {
		return u, badRequest("InvalidRequestBody", "Request body is incorrect: multipart/form-data expected.")
	}
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return u, badRequest("InvalidRequestBody", "Request body is incorrect: the multipart body is malformed.")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return u, badRequest("InvalidRequestBody", "Request body is incorrect: the multipart body is malformed.")
		}
		switch name := part.FormName(); {
		case name == "file" || name == "File":
			u.fileName, u.content, u.hasFile = part.FileName(), content, true
		case slices.Contains(uploadFields, name):
			u.fields[name] = string(content)
		default:
			return u, badRequest("InvalidRequestBody", "Request body is incorrect: the part '%s' does not exist.", name)
		}
	}
}

// flag reads a part that is true, false or empty.
func (u uploadBody) flag(name string) (bool, error) {
	value := strings.ToLower(u.fields[name])
	if value == "" {
		return false, nil
	}
	flag, err := strconv.ParseBool(value)
	if err != nil {
		return false, badRequest("InvalidRequestBody", "Request body is incorrect: '%s' is not a value of %s.", value, name)
	}
	return flag, nil
}

// upload is a file to store, in place of another of its name if it overrides.
type upload struct {
	LibraryFile
	override bool
}

// check refuses what the service refuses and returns what is to be stored.
func (u uploadBody) check() (upload, error) {
	if !u.hasFile {
		return upload{}, missing("file")
	}
	if err := checkFile(u.fileName, u.content); err != nil {
		return upload{}, err
	}
	hasParameters, err := u.flag("HasParameters")
	if err != nil {
		return upload{}, err
	}
	override, err := u.flag("OverrideIfExists")
	return upload{override: override, LibraryFile: LibraryFile{
		FileName: u.fileName, SHA256: hashOf(u.content), Content: u.content, HasParameters: hasParameters,
		Description: u.fields["Description"], ParametersDescription: u.fields["ParametersDescription"],
	}}, err
}

func checkFile(name string, content []byte) error {
	allowed := func(c rune) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.'
	}
	switch {
	case name == "" || strings.ContainsFunc(name, func(c rune) bool { return !allowed(c) }):
		return badRequest("InvalidInput", "The file name '%s' is not valid.", name)
	case len(content) == 0:
		return badRequest("InvalidInput", "The file '%s' is empty.", name)
	case len(content) > maxLibraryFile:
		return badRequest("InvalidInput", "The file '%s' is larger than 20 MB.", name)
	}
	return nil
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// describeUpload is what the journal keeps of an upload.
func describeUpload(contentType string, body []byte) []byte {
	u, err := decodeUpload(contentType, body)
	if err != nil && !u.hasFile {
		return nil
	}
	described := map[string]any{"file": map[string]any{"fileName": u.fileName, "size": len(u.content), "sha256": hashOf(u.content)}}
	for name, value := range u.fields {
		described[name] = value
	}
	// Texts and numbers always marshal.
	text, _ := json.Marshal(described)
	return text
}

func (s *Server) listLibraryFiles(r *request) response {
	set := entitySet[LibraryFile]{name: "LibraryFiles", wire: func(f LibraryFile) any { return s.options.libraryFileWire(f) }}
	return list(r, s.options, set, s.tenant.listLibraryFiles())
}

func (s *Server) uploadLibraryFile(r *request) response {
	body, err := decodeUpload(r.http.Header.Get("Content-Type"), r.body)
	if err != nil {
		return failed(err)
	}
	upload, err := body.check()
	if err != nil {
		return failed(err)
	}
	file, err := s.tenant.upload(upload, r.caller)
	if err != nil {
		return failed(err)
	}
	return odata(http.StatusOK, entity{r.metadata("LibraryFiles/$entity"), s.options.libraryFileWire(file)})
}

func (s *Server) deleteLibraryFile(r *request) response {
	if err := s.tenant.deleteLibraryFile(r.params["name"]); err != nil {
		return failed(err)
	}
	return response{status: http.StatusNoContent}
}

// fileKey is what a library file is unique by.
func (t *tenant) fileKey(name string) string {
	if t.options.FoldFileNames {
		return strings.ToLower(name)
	}
	return name
}

// libraryFiles returns the library by name.
func (t *tenant) libraryFiles() []LibraryFile {
	_, leave := t.enter()
	defer leave()
	files := make([]LibraryFile, 0, len(t.Library))
	for _, file := range t.Library {
		files = append(files, *file)
	}
	slices.SortFunc(files, func(a, b LibraryFile) int { return strings.Compare(a.FileName, b.FileName) })
	return files
}

// lateFile is what the list shows of a file that was just uploaded.
type lateFile struct {
	until time.Time
	// before is the file as it was; nil for none.
	before *LibraryFile
}

// listLibraryFiles returns the library as the list shows it.
func (t *tenant) listLibraryFiles() []LibraryFile {
	var files []LibraryFile
	for _, file := range t.libraryFiles() {
		late, ok := t.lateFile(file.FileName)
		switch {
		case !ok:
			files = append(files, file)
		case late.before != nil:
			files = append(files, *late.before)
		}
	}
	return files
}

func (t *tenant) lateFile(name string) (lateFile, bool) {
	now, leave := t.enter()
	defer leave()
	late, ok := t.late[t.fileKey(name)]
	return late, ok && now.Before(late.until)
}

func (t *tenant) upload(u upload, by caller) (LibraryFile, error) {
	now, leave := t.enter()
	defer leave()
	file := u.LibraryFile
	file.CreationTime, file.LastUpdatedTime, file.CreatedBy = now, now, by.appID
	if old, exists := t.Library[t.fileKey(file.FileName)]; exists {
		if !u.override {
			return file, badRequest("InvalidInput", "The file '%s' already exists in the library.", file.FileName)
		}
		file.CreationTime, file.CreatedBy = old.CreationTime, old.CreatedBy
	}
	t.late[t.fileKey(file.FileName)] = lateFile{until: now.Add(t.options.VisibilityLag), before: t.Library[t.fileKey(file.FileName)]}
	t.Library[t.fileKey(file.FileName)] = &file
	return file, nil
}

func (t *tenant) deleteLibraryFile(name string) error {
	_, leave := t.enter()
	defer leave()
	if t.Library[t.fileKey(name)] == nil {
		return refuse(http.StatusNotFound, "ResourceNotFound", "The library file %s was not found.", name)
	}
	delete(t.Library, t.fileKey(name))
	return nil
}
