package mdesim

import "net/http"

func (s *Server) serveControl(w http.ResponseWriter, r *http.Request, path string) {
	unknownURL(&request{http: r}).write(w, false)
}
