package libraryfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// maxSize is the largest file that the API takes.
// https://learn.microsoft.com/en-us/defender-endpoint/api/upload-library
const maxSize = 20 << 20

// Values of line_endings.
const (
	lineEndingsPreserve = "preserve"
	lineEndingsLF       = "lf"
	lineEndingsCRLF     = "crlf"
)

func lineEndings() []string {
	return []string{lineEndingsPreserve, lineEndingsLF, lineEndingsCRLF}
}

// signatureMark begins the signature block of a signed PowerShell script.
const signatureMark = "# SIG # Begin signature block"

// problem is a mistake in one attribute, as an error. Functions that find one
// return its own type, nil when there is none.
type problem struct {
	attribute, summary, detail string
}

func (p *problem) Error() string { return p.attribute + ": " + p.detail }

func (p *problem) diagnostic() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(p.attribute), p.summary, p.detail)
}

// contentAttribute names the attribute that the content comes from. It relies
// on exactly one of the three being set; an empty one is as good as none.
func (m *model) contentAttribute() string {
	switch {
	case m.Content.ValueString() != "":
		return "content"
	case m.ContentBase64.ValueString() != "":
		return "content_base64"
	case m.Source.ValueString() != "":
	case !m.Content.IsNull():
		return "content"
	case !m.ContentBase64.IsNull():
		return "content_base64"
	}
	return "source"
}

// contentKnown tells whether load can be called.
func (m *model) contentKnown() bool {
	return !m.Source.IsUnknown() && !m.Content.IsUnknown() && !m.ContentBase64.IsUnknown() && !m.LineEndings.IsUnknown()
}

// load returns the bytes to upload.
func (m *model) load() ([]byte, *problem) {
	attribute := m.contentAttribute()
	data, detail := m.raw(attribute)
	if detail == "" {
		detail = checkSize(data)
	}
	if detail != "" {
		return nil, &problem{attribute, "Unusable " + attribute, detail}
	}
	mode := m.LineEndings.ValueString()
	if (mode == lineEndingsLF || mode == lineEndingsCRLF) && bytes.IndexByte(data, 0) >= 0 {
		return nil, &problem{"line_endings", "Line endings of binary content", fmt.Sprintf("The content holds zero bytes, so it is binary or encoded as UTF-16, and converting its line endings to %s would damage it. Leave line_endings out, or save the file as UTF-8.", mode)}
	}
	data = convert(data, mode)
	if detail := checkSize(data); detail != "" {
		return nil, &problem{"line_endings", "Content too large", "Once its line endings are converted: " + detail}
	}
	return data, nil
}

// raw returns the content as the attribute gives it, or why it cannot be had.
func (m *model) raw(attribute string) (data []byte, detail string) {
	switch attribute {
	case "content":
		return []byte(m.Content.ValueString()), ""
	case "content_base64":
		data, err := base64.StdEncoding.DecodeString(m.ContentBase64.ValueString())
		if err != nil {
			return nil, fmt.Sprintf("The value is no standard base64: %s. Use filebase64() or base64encode().", err)
		}
		return data, ""
	}
	return readFile(m.Source.ValueString())
}

// readFile reads at most one byte more than the library takes.
func readFile(name string) (data []byte, detail string) {
	if name == "" {
		return nil, "The path is empty. Name the local file to upload."
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Sprintf("There is no file %q. Relative paths start in the folder that Terraform runs in; use \"${path.module}/…\" for a file beside the configuration.", name)
	case err != nil:
		return nil, fmt.Sprintf("The file cannot be read: %s.", err)
	case info.IsDir():
		return nil, fmt.Sprintf("%q is a folder. Name one file; for_each over fileset() uploads all files of a folder.", name)
	case !info.Mode().IsRegular():
		return nil, fmt.Sprintf("%q is no regular file.", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Sprintf("The file cannot be read: %s.", err)
	}
	defer file.Close()
	data, err = io.ReadAll(io.LimitReader(file, maxSize+1))
	if err != nil {
		return nil, fmt.Sprintf("The file cannot be read: %s.", err)
	}
	return data, ""
}

func checkSize(data []byte) (detail string) {
	switch {
	case len(data) == 0:
		return "The content is empty, and the library takes no empty file."
	case len(data) > maxSize:
		return fmt.Sprintf("The content is larger than 20 MB (%d bytes), which is the most that the API takes.", maxSize)
	}
	return ""
}

// convert replaces the line endings. A lone carriage return is none.
func convert(data []byte, mode string) []byte {
	switch mode {
	case lineEndingsLF:
		return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	case lineEndingsCRLF:
		return bytes.ReplaceAll(convert(data, lineEndingsLF), []byte("\n"), []byte("\r\n"))
	}
	return data
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// unsigned tells whether the file is a PowerShell script without a signature.
// Zero bytes are passed over because a script may be encoded as UTF-16.
func unsigned(name string, data []byte) bool {
	if !strings.EqualFold(filepath.Ext(name), ".ps1") {
		return false
	}
	return !bytes.Contains(bytes.ReplaceAll(data, []byte{0}, nil), []byte(signatureMark))
}

// mixedLineEndings tells whether text uses both LF and CRLF.
func mixedLineEndings(data []byte) bool {
	if bytes.IndexByte(data, 0) >= 0 {
		return false
	}
	crlf := bytes.Count(data, []byte("\r\n"))
	return crlf > 0 && bytes.Count(data, []byte("\n")) > crlf
}
