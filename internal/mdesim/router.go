package mdesim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// route is one operation of the API: where it is, what it costs and who may
// call it.
type route struct {
	op     Op
	method string
	// path is matched without case; a segment may hold one {parameter}.
	path   string
	family quotaFamily
	// permissions of which a token needs one.
	permissions []string
	handle      func(*request) response
}

// Permissions, application and delegated, that let a token call.
var (
	permitIndicators = []string{"Ti.ReadWrite.All", "Ti.ReadWrite"}
	permitLibrary    = []string{"Library.Manage"}
	permitMachines   = []string{"Machine.Read.All", "Machine.ReadWrite.All", "Machine.Read", "Machine.ReadWrite"}
	permitRun        = []string{"Machine.LiveResponse"}
	permitCancel     = []string{
		"Machine.CollectForensics", "Machine.Isolate", "Machine.RestrictExecution", "Machine.Scan",
		"Machine.Offboard", "Machine.StopAndQuarantine", "Machine.LiveResponse",
	}
)

// apiRoutes are the operations below /api/ and /api/v1.0/.
func (s *Server) apiRoutes() []route {
	return []route{
		{OpListIndicators, http.MethodGet, "indicators", familyRequests, permitIndicators, s.listIndicators},
		{OpSubmitIndicator, http.MethodPost, "indicators", familyRequests, permitIndicators, s.submitIndicator},
		{OpImportIndicators, http.MethodPost, "indicators/import", familyImport, permitIndicators, s.importIndicators},
		{OpBatchDeleteIndicators, http.MethodPost, "indicators/BatchDelete", familyBatchDelete, permitIndicators, s.batchDeleteIndicators},
		{OpGetIndicator, http.MethodGet, "indicators/{id}", familyRequests, permitIndicators, s.getIndicator},
		{OpDeleteIndicator, http.MethodDelete, "indicators/{id}", familyRequests, permitIndicators, s.deleteIndicator},
		{OpListLibraryFiles, http.MethodGet, "libraryfiles", familyRequests, permitLibrary, s.listLibraryFiles},
		{OpUploadLibraryFile, http.MethodPost, "libraryfiles", familyRequests, permitLibrary, s.uploadLibraryFile},
		{OpDeleteLibraryFile, http.MethodDelete, "libraryfiles/{name}", familyRequests, permitLibrary, s.deleteLibraryFile},
		{OpListMachines, http.MethodGet, "machines", familyRequests, permitMachines, s.listMachines},
		{OpGetMachine, http.MethodGet, "machines/{id}", familyRequests, permitMachines, s.getMachine},
		{OpRunLiveResponse, http.MethodPost, "machines/{id}/runliveresponse", familyRun, permitRun, s.runLiveResponse},
		{OpListMachineActions, http.MethodGet, "machineactions", familyRequests, permitMachines, s.listMachineActions},
		{OpGetMachineAction, http.MethodGet, "machineactions/{id}", familyRequests, permitMachines, s.getMachineAction},
		{OpCancelMachineAction, http.MethodPost, "machineactions/{id}/cancel", familyRequests, permitCancel, s.cancelMachineAction},
		{OpResultLink, http.MethodGet, "machineactions/{id}/GetLiveResponseResultDownloadLink(index={index})", familyRequests, permitMachines, s.getResultLink},
	}
}

// resultRoute is the storage that result links lead to.
func (s *Server) resultRoute() route {
	return route{op: OpDownloadResult, method: http.MethodGet, path: resultStorage + "/{action}/{index}", handle: s.downloadResult}
}

// choose returns the route of a request with its path parameters, or one that
// refuses it.
func choose(routes []route, method, path string) (chosen route, params map[string]string) {
	var allow []string
	for _, candidate := range routes {
		matched, ok := matchPath(candidate.path, path)
		if !ok {
			continue
		}
		if candidate.method == method {
			return candidate, matched
		}
		if !slices.Contains(allow, candidate.method) {
			allow = append(allow, candidate.method)
		}
	}
	if allow != nil {
		return route{handle: methodNotAllowed(allow)}, nil
	}
	return route{handle: unknownURL}, nil
}

// matchPath compares an escaped path with a pattern, segment by segment.
func matchPath(pattern, path string) (map[string]string, bool) {
	patterns, segments := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(patterns) != len(segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, segment := range segments {
		segment, err := url.PathUnescape(segment)
		if err != nil {
			return nil, false
		}
		before, rest, isParam := strings.Cut(patterns[i], "{")
		if !isParam {
			if !strings.EqualFold(before, segment) {
				return nil, false
			}
			continue
		}
		name, after, _ := strings.Cut(rest, "}")
		middle := len(segment) - len(after)
		if middle <= len(before) || !strings.EqualFold(segment[:len(before)], before) || !strings.EqualFold(segment[middle:], after) {
			return nil, false
		}
		params[name] = segment[len(before):middle]
	}
	return params, true
}

// serveAPI answers everything on the API's port.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/")
	if rest, ok := cutPrefixFold(path, "sim/"); ok {
		found, params := choose(s.controlRoutes(), r.Method, rest)
		s.control(w, r, found, params)
		return
	}
	routes := []route{s.resultRoute()}
	if rest, ok := cutPrefixFold(path, "api/"); ok {
		routes = s.apiRoutes()
		path, _ = cutPrefixFold(rest, "v1.0/")
	}
	found, params := choose(routes, r.Method, path)
	s.serve(w, r, found, params)
}

// methodNotAllowed answers with an Allow header and no body, as recorded.
func methodNotAllowed(allow []string) func(*request) response {
	return func(*request) response {
		return response{status: http.StatusMethodNotAllowed, header: http.Header{"Allow": {strings.Join(allow, ", ")}}}
	}
}

func unknownURL(r *request) response {
	return failed(refuse(http.StatusNotFound, "NotFound", "No HTTP resource was found that matches the request URI '%s'.", r.http.URL.Path))
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
