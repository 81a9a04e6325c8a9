package mdesim

import (
	"crypto/hmac"
	"encoding/xml"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// commandTypes are in the order in which the API takes them.
var commandTypes = []string{"PutFile", "RunScript", "GetFile"}

// requiredParam is the parameter that a command cannot do without.
var requiredParam = map[string]string{"PutFile": "FileName", "RunScript": "ScriptName", "GetFile": "Path"}

// runInput is the body of a start.
type runInput struct {
	Commands []Command `json:"Commands"`
	Comment  string    `json:"Comment"`
}

func checkCommands(commands []Command) error {
	if len(commands) == 0 {
		return missing("Commands")
	}
	last := 0
	for _, command := range commands {
		position := slices.Index(commandTypes, command.Type)
		if position < 0 {
			return badRequest("InvalidRequestBody", "Request body is incorrect: the command type '%s' is not valid.", command.Type)
		}
		if position < last {
			return badRequest("InvalidInput", "The commands must be in the order PutFile, RunScript, GetFile.")
		}
		last = position
		if command.param(requiredParam[command.Type]) == "" {
			return missing(requiredParam[command.Type])
		}
		for _, param := range command.Params {
			if param.Key != requiredParam[command.Type] && (command.Type != "RunScript" || param.Key != "Args") {
				return badRequest("InvalidInput", "The parameter '%s' is not valid for a %s command.", param.Key, command.Type)
			}
		}
	}
	return nil
}

func (s *Server) runLiveResponse(r *request) response {
	in, err := decodeBody[runInput](r.body)
	if err != nil {
		return failed(err)
	}
	if in.Comment == "" {
		return failed(missing("Comment"))
	}
	if err := checkCommands(in.Commands); err != nil {
		return failed(err)
	}
	action, err := s.tenant.start(r.params["id"], in.Commands, in.Comment, r.caller)
	if err != nil {
		return s.refusedRun(err)
	}
	return s.actionAnswer(r, s.options.RunStatus, action)
}

// refusedRun adds to a 429 for want of a session when to come back.
func (s *Server) refusedRun(err error) response {
	refusal := failed(err)
	if refusal.status == http.StatusTooManyRequests && !s.options.NoRetryAfter {
		refusal.header.Set("Retry-After", "1")
	}
	return refusal
}

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// resultStorage is the first part of the path of result links.
const resultStorage = "investigation-actions-data"

func (s *Server) getResultLink(r *request) response {
	id, indexText := r.params["id"], r.params["index"]
	if !guid.MatchString(id) {
		return failed(badGUID(id))
	}
	index, err := strconv.Atoi(indexText)
	if err != nil {
		return failed(badRequest("BadRequest", "The index '%s' is not valid.", indexText))
	}
	stored, err := s.tenant.result(id, index)
	if err != nil {
		return failed(err)
	}
	query := url.Values{
		"se": {timestamp(r.now.Add(s.options.LinkLife).Truncate(time.Second))}, "sp": {"rt"}, "sv": {"2020-06-12"}, "sr": {"b"},
		"rscd": {mime.FormatMediaType("attachment", map[string]string{"filename": stored.Name})},
	}
	path := fmt.Sprintf("/%s/%s/%d", resultStorage, id, index)
	query.Set("sig", s.tokens.mac(path+"?"+query.Encode()))
	return odata(http.StatusOK, map[string]string{
		"@odata.context": r.metadata("Edm.String"), "value": r.base + path + "?" + query.Encode(),
	})
}

// downloadResult is the storage: it knows signatures and no bearer tokens.
func (s *Server) downloadResult(r *request) response {
	query := r.http.URL.Query()
	signature := query.Get("sig")
	query.Del("sig")
	expiry, err := time.Parse(time.RFC3339, query.Get("se"))
	switch {
	case r.http.Header.Get("Authorization") != "":
		return storageError(http.StatusUnauthorized, "InvalidAuthenticationInfo", "Authentication information is not given in the correct format. Check the value of Authorization header.")
	case !hmac.Equal([]byte(signature), []byte(s.tokens.mac(r.http.URL.Path+"?"+query.Encode()))):
		return storageError(http.StatusForbidden, "AuthenticationFailed", "Server failed to authenticate the request. Signature did not match.")
	case err != nil || r.now.After(expiry):
		return storageError(http.StatusForbidden, "AuthenticationFailed", "Server failed to authenticate the request. Signature not valid in the specified time frame.")
	}
	index, err := strconv.Atoi(r.params["index"])
	if err != nil {
		return storageError(http.StatusNotFound, "BlobNotFound", "The specified blob does not exist.")
	}
	stored, err := s.tenant.result(r.params["action"], index)
	if err != nil {
		return storageError(http.StatusNotFound, "BlobNotFound", "The specified blob does not exist.")
	}
	return response{status: http.StatusOK, body: stored.Content, header: http.Header{
		"Content-Type": {"application/octet-stream"}, "Content-Disposition": {query.Get("rscd")},
	}}
}

// storageError has the shape of the storage's errors.
func storageError(status int, code, message string) response {
	body, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: message})
	if err != nil {
		return failed(err)
	}
	return response{status: status, header: http.Header{"Content-Type": {typeXML}}, body: append([]byte(xml.Header), body...)}
}

// result returns what a command has left in the storage.
func (t *tenant) result(id string, index int) (result, error) {
	_, leave := t.enter()
	defer leave()
	r, err := t.find(id)
	if err != nil {
		return result{}, err
	}
	if index < 0 || index >= len(r.Action.Commands) {
		return result{}, refuse(http.StatusNotFound, "ResourceNotFound", "Machine action %s has no command %d.", id, index)
	}
	stored, ok := r.Results[index]
	switch {
	case ok:
		return stored, nil
	case r.unfinished() && t.options.EarlyLinkStatus == http.StatusBadRequest:
		return result{}, badRequest("BadRequest", "The result of command %d is not available yet.", index)
	case r.unfinished():
		return result{}, refuse(http.StatusNotFound, "ResourceNotFound", "The result of command %d is not available yet.", index)
	}
	return result{}, refuse(http.StatusNotFound, "ResourceNotFound", "Command %d has no result.", index)
}
