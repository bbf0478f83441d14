// A webhook as it is commonly written: net/http, the review decoded with
// encoding/json, its object into a map, and always "allowed".
package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
)

type request struct {
	UID       string          `json:"uid"`
	Operation string          `json:"operation"`
	Namespace string          `json:"namespace"`
	Name      string          `json:"name"`
	Object    json.RawMessage `json:"object"`
	OldObject json.RawMessage `json:"oldObject"`
}

type response struct {
	UID     string `json:"uid"`
	Allowed bool   `json:"allowed"`
}

type review struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Request    *request  `json:"request,omitempty"`
	Response   *response `json:"response,omitempty"`
}

func serve(w http.ResponseWriter, r *http.Request) {
	var got review
	var object map[string]any

	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &got)
	}
	if err != nil || got.Request == nil {
		http.Error(w, "not a review", http.StatusBadRequest)
		return
	}
	if err = json.Unmarshal(got.Request.Object, &object); err != nil {
		http.Error(w, "not an object", http.StatusBadRequest)
		return
	}
	answer, err := json.Marshal(review{
		APIVersion: got.APIVersion,
		Kind:       got.Kind,
		Response:   &response{UID: got.Request.UID, Allowed: true},
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err = w.Write(answer); err != nil {
		log.Print(err)
	}
}

// peer ADDRESS CERT KEY
func main() {
	http.HandleFunc("/", serve)
	log.Fatal(http.ListenAndServeTLS(os.Args[1], os.Args[2], os.Args[3], nil))
}
