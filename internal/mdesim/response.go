package mdesim

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// Content types of the service's answers.
const (
	typeOData = "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8"
	typeJSON  = "application/json; charset=utf-8"
	typeHTML  = "text/html; charset=utf-8"
	typeXML   = "application/xml"
)

// response is what a handler returns; one adapter writes it.
type response struct {
	status int
	header http.Header
	// body is nil for an answer without one.
	body []byte
}

// apiError is a refusal in the service's own words.
type apiError struct {
	status        int
	code, message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func refuse(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

func badRequest(code, format string, args ...any) *apiError {
	return refuse(http.StatusBadRequest, code, format, args...)
}

// failed is the answer to a request that err refuses.
func failed(err error) response {
	var refusal *apiError
	if !errors.As(err, &refusal) {
		refusal = refuse(http.StatusInternalServerError, "InternalServerError", "")
	}
	body := map[string]any{"error": map[string]string{
		"code": refusal.code, "message": refusal.message, "target": correlationID(),
	}}
	return answer(refusal.status, typeJSON, body)
}

// correlationID has the form of the recordings: |xxxxxxxx-xxxxxxxxxxxxxxxx.
func correlationID() string {
	var id [12]byte
	_, _ = rand.Read(id[:])
	return fmt.Sprintf("|%x-%x.", id[:4], id[4:])
}

// answer encodes body as JSON.
func answer(status int, contentType string, body any) response {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return failed(err)
	}
	return response{status: status, header: http.Header{"Content-Type": {contentType}}, body: bytes.TrimSuffix(b.Bytes(), []byte("\n"))}
}

// odata answers with an entity, a scalar or a list.
func odata(status int, body any) response {
	r := answer(status, typeOData, body)
	r.header.Set("Odata-Version", "4.0")
	return r
}

// entity is an object with the @odata.context of its set.
type entity struct {
	context string
	value   any
}

// MarshalJSON puts the context before the value's own properties.
func (e entity) MarshalJSON() ([]byte, error) {
	value, err := json.Marshal(e.value)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"@odata.context":%s,%s`, strconv.Quote(e.context), value[1:]), nil
}

// write sends the answer.
func (r response) write(w http.ResponseWriter) {
	r.writeHead(w)
	_, _ = w.Write(r.body)
}

// writeHalf closes the connection in the middle of the answer.
func (r response) writeHalf(w http.ResponseWriter) {
	if len(r.body) > 0 {
		r.writeHead(w)
		_, _ = w.Write(r.body[:len(r.body)/2])
		_ = http.NewResponseController(w).Flush()
	}
	panic(http.ErrAbortHandler)
}

func (r response) writeHead(w http.ResponseWriter) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.Header().Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	if r.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	}
	w.WriteHeader(r.status)
}

// text answers empty texts as null, or as "" if the options say so.
func (o Options) text(s string) *string {
	if s == "" && !o.EmptyStrings {
		return nil
	}
	return &s
}
