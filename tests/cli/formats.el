;;; Reads an Org file as Org does and prints what is in it: "headline 12", "timestamp 3", a line for each thing found and for
;;; each complaint of org-lint.  emacs -Q --batch -l formats.el FILE

(require 'org)
(require 'org-element)
(require 'org-lint)

(let ((file (pop command-line-args-left)))
  (with-current-buffer (find-file-noselect file)
    (let ((tree (org-element-parse-buffer)))
      (dolist (type (append org-element-all-elements org-element-all-objects))
        (let ((count 0))
          (org-element-map tree type (lambda (_) (setq count (1+ count))))
          (when (> count 0) (princ (format "%s %d\n" type count)))))
      (org-element-map tree 'headline
        (lambda (h) (princ (format "title %d %s %S %s\n" (org-element-property :level h) (org-element-property :todo-keyword h)
                                   (org-element-property :tags h) (org-element-property :raw-value h)))))
      (org-element-map tree 'link (lambda (l) (princ (format "link-type %s\n" (org-element-property :type l)))))
      (dolist (complaint (org-lint)) (princ (format "lint %S\n" (aref (cadr complaint) 2)))))))
