package mde

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// Download is a fetched result, gunzipped.
type Download struct {
	// Name as the storage gives it, without .gz and without any folder; empty
	// when it gives none.
	Name string
	Data []byte
	// Truncated tells that the result was larger than the bound.
	Truncated bool
}

// Download fetches a result link without the bearer token, gunzips it and
// keeps at most limit bytes. No error of it holds the link, which is a
// credential.
func (s *LiveResponse) Download(ctx context.Context, link string, limit int64) (Download, error) {
	defer s.client.working()()
	const op = "download live response result"
	target, err := url.Parse(link)
	if err != nil {
		return Download{}, &Error{Op: op, Err: errors.New("the link is not a URL")}
	}
	atHome := target.Scheme == "http" && isLoopback(target.Hostname())
	if target.Scheme != "https" && !atHome {
		return Download{}, &Error{Op: op, Err: errors.New("the link is not https")}
	}
	req, err := http.NewRequestWithContext(transport.WithTraits(ctx, safe), http.MethodGet, link, nil)
	if err != nil {
		return Download{}, &Error{Op: op, Err: errors.New("the link is not a URL")}
	}
	fail := &Error{Op: op, Method: http.MethodGet}
	resp, err := s.client.storage.Do(req)
	if err != nil {
		fail.Err = bare(err)
		return Download{}, fail
	}
	defer drain(resp.Body)
	if resp.StatusCode >= 300 {
		fail.Status = resp.StatusCode
		fail.Message = "the storage refuses the link; links are valid for 30 minutes"
		return Download{}, fail
	}
	got, err := unpack(resp.Body, limit)
	if err != nil {
		fail.Status, fail.Err = resp.StatusCode, err
		return Download{}, fail
	}
	got.Name = resultName(resp.Header)
	return got, nil
}

// NoResult tells whether the service, or its storage, says that there is no such
// result. With which status it does is not documented.
func NoResult(err error) bool {
	var refusal *Error
	return errors.As(err, &refusal) && slices.Contains([]int{http.StatusBadRequest, http.StatusNotFound, http.StatusGone}, refusal.Status)
}

// MayComeYet tells whether a refusal may mean that a result is not there yet:
// any but one that speaks of the token.
func MayComeYet(err error) bool {
	var refusal *Error
	return errors.As(err, &refusal) && refusal.Status >= 400 && refusal.Status < 500 && refusal.Status != http.StatusUnauthorized
}

// unpack reads a result that may be gzip: the service usually compresses files
// and does not say so in a header.
func unpack(body io.Reader, limit int64) (Download, error) {
	buffered := bufio.NewReader(body)
	var plain io.Reader = buffered
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return Download{}, fmt.Errorf("the result is no valid gzip: %w", err)
		}
		plain = unzipped
	}
	data, err := io.ReadAll(io.LimitReader(plain, limit+1))
	if err != nil {
		return Download{}, fmt.Errorf("the result is cut short: %w", err)
	}
	if int64(len(data)) > limit {
		return Download{Data: data[:limit], Truncated: true}, nil
	}
	return Download{Data: data}, nil
}

// resultName takes the last element of the name that the storage gives: it may
// become a local file name.
func resultName(header http.Header) string {
	_, params, err := mime.ParseMediaType(header.Get("Content-Disposition"))
	if err != nil {
		return ""
	}
	name := path.Base(strings.ReplaceAll(params["filename"], `\`, "/"))
	if name == "." || name == ".." || name == "/" {
		return ""
	}
	return strings.TrimSuffix(name, ".gz")
}

// ScriptResult is the decoded result of a RunScript command.
type ScriptResult struct {
	ScriptName string
	ExitCode   int64
	// HasExitCode is false when the result names none: Output may then hold
	// the raw text.
	HasExitCode bool
	Output      string
	Errors      string
}

// DecodeScriptResult decodes a transcript in any of its spellings: the
// documentation and the service name the fields differently. It never fails:
// what is no JSON comes back as raw text, with the exit code if it is the
// beginning of a transcript that tells one. NULs are stripped.
func DecodeScriptResult(data []byte) ScriptResult {
	text := strings.TrimRight(strings.ToValidUTF8(strings.TrimPrefix(string(data), "\ufeff"), "\uFFFD"), "\x00")
	var raw struct {
		ScriptName   string          `json:"script_name"`
		Name         string          `json:"name"`
		ExitCode     json.RawMessage `json:"exit_code"`
		ScriptOutput string          `json:"script_output"`
		ScriptErrors string          `json:"script_errors"`
		ScriptError  string          `json:"script_error"`
	}
	var result ScriptResult
	if json.Unmarshal([]byte(text), &raw) != nil && json.Unmarshal([]byte(escapeControls(text)), &raw) != nil {
		result.Output = stripNUL(text)
		if strings.HasPrefix(strings.TrimSpace(text), "{") {
			result.setExitCode(rawExitCode(text))
		}
		return result
	}
	result = ScriptResult{
		ScriptName: first(raw.ScriptName, raw.Name),
		Output:     stripNUL(raw.ScriptOutput),
		Errors:     stripNUL(first(raw.ScriptErrors, raw.ScriptError)),
	}
	result.setExitCode(string(raw.ExitCode))
	if result == (ScriptResult{}) {
		result.Output = stripNUL(text) // Some other JSON: the script's own, say.
	}
	return result
}

// rawExitCode finds the exit code in the text of a transcript that is no valid
// JSON. Of a key inside a text the quotes are escaped.
func rawExitCode(text string) string {
	match := regexp.MustCompile(`"exit_code"\s*:\s*"?(-?\d+)`).FindStringSubmatch(text)
	if match == nil {
		return ""
	}
	return match[1]
}

// setExitCode takes over an exit code as JSON has it, be it a text or a number
// with a fraction of 0. What is none is left out.
func (r *ScriptResult) setExitCode(raw string) {
	code, err := strconv.ParseFloat(strings.Trim(raw, `"`), 64)
	if err == nil && code == math.Trunc(code) {
		r.ExitCode, r.HasExitCode = int64(code), true
	}
}

// escapeControls escapes raw control characters inside JSON strings: the
// documented sample holds a raw line break.
func escapeControls(text string) string {
	var b strings.Builder
	inString, escaped := false, false
	for _, r := range text {
		switch {
		case inString && r < 0x20:
			fmt.Fprintf(&b, `\u%04x`, r)
			escaped = false
			continue
		case escaped:
			escaped = false
		case inString && r == '\\':
			escaped = true
		case r == '"':
			inString = !inString
		}
		b.WriteRune(r)
	}
	return b.String()
}

func stripNUL(text string) string {
	return strings.ReplaceAll(text, "\x00", "")
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
